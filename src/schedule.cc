// SPDX-License-Identifier: Apache-2.0
// The schedule layer but its primitives, compiled.
#include "metaschedule/schedule/args-inl.h"
#include "metaschedule/schedule/bindings-inl.h"
#include "metaschedule/schedule/block_domain-inl.h"
#include "metaschedule/schedule/buffers-inl.h"
#include "metaschedule/schedule/leaf-inl.h"
#include "metaschedule/schedule/path-inl.h"
#include "metaschedule/schedule/schedule-inl.h"
#include "metaschedule/schedule/schedule_error-inl.h"
#include "metaschedule/schedule/scope-inl.h"
#include "metaschedule/schedule/state-inl.h"
#include "metaschedule/schedule/trace-inl.h"
#include "metaschedule/schedule/trace_text-inl.h"
