// SPDX-License-Identifier: Apache-2.0
// The primitives on reductions and on inlining, compiled: the fusion of an epilogue needs both.
#include "metaschedule/schedule/primitives/compute_inline-inl.h"
#include "metaschedule/schedule/primitives/decompose_reduction-inl.h"
#include "metaschedule/schedule/primitives/fuse_reduction_epilogue-inl.h"
#include "metaschedule/schedule/primitives/reverse_compute_inline-inl.h"
#include "metaschedule/schedule/primitives/rfactor-inl.h"
#include "metaschedule/schedule/reducer-inl.h"
