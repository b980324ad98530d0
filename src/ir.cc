// SPDX-License-Identifier: Apache-2.0
// The ir layer, compiled.
#include "metaschedule/ir/access-inl.h"
#include "metaschedule/ir/build-inl.h"
#include "metaschedule/ir/dtype-inl.h"
#include "metaschedule/ir/fields-inl.h"
#include "metaschedule/ir/intrinsics-inl.h"
#include "metaschedule/ir/nodes-inl.h"
#include "metaschedule/ir/op-inl.h"
#include "metaschedule/ir/specialize-inl.h"
#include "metaschedule/ir/structural-inl.h"
#include "metaschedule/ir/target-inl.h"
#include "metaschedule/ir/verify-inl.h"
#include "metaschedule/ir/walk-inl.h"
