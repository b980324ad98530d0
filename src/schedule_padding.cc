// SPDX-License-Identifier: Apache-2.0
// The primitives on padding and on ranges of loops, compiled.
#include "metaschedule/schedule/primitives/decompose_padding-inl.h"
#include "metaschedule/schedule/primitives/loop_partition-inl.h"
#include "metaschedule/schedule/primitives/merge-inl.h"
#include "metaschedule/schedule/primitives/pad_einsum-inl.h"
#include "metaschedule/schedule/primitives/rolling_buffer-inl.h"
