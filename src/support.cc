// SPDX-License-Identifier: Apache-2.0
// The support layer, compiled.
#include "metaschedule/support/json-inl.h"
#include "metaschedule/support/logging-inl.h"
#include "metaschedule/support/profiler-inl.h"
#include "metaschedule/support/registry-inl.h"
#include "metaschedule/support/thread_pool-inl.h"
