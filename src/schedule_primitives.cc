// SPDX-License-Identifier: Apache-2.0
// The primitives of the schedule layer, compiled.
#include "metaschedule/schedule/primitives/all-inl.h"
#include "metaschedule/schedule/primitives/annotation-inl.h"
#include "metaschedule/schedule/primitives/buffer-inl.h"
#include "metaschedule/schedule/primitives/buffer_fields-inl.h"
#include "metaschedule/schedule/primitives/cache-inl.h"
#include "metaschedule/schedule/primitives/loop_kind-inl.h"
#include "metaschedule/schedule/primitives/loop_transform-inl.h"
#include "metaschedule/schedule/primitives/query-inl.h"
#include "metaschedule/schedule/primitives/reorder-inl.h"
#include "metaschedule/schedule/primitives/sampling-inl.h"
