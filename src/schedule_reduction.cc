// SPDX-License-Identifier: Apache-2.0
// The primitives on reductions, compiled.
#include "metaschedule/schedule/primitives/decompose_reduction-inl.h"
#include "metaschedule/schedule/primitives/rfactor-inl.h"
#include "metaschedule/schedule/reducer-inl.h"
