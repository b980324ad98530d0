// SPDX-License-Identifier: Apache-2.0
// The arith layer, compiled: bounds, modular sets, interval sets and the analyzer.
#include "metaschedule/arith/analyzer-inl.h"
#include "metaschedule/arith/comparisons-inl.h"
#include "metaschedule/arith/const_int_bound-inl.h"
#include "metaschedule/arith/eval_set-inl.h"
#include "metaschedule/arith/int_set-inl.h"
#include "metaschedule/arith/linear-inl.h"
#include "metaschedule/arith/modular_set-inl.h"
#include "metaschedule/arith/solve_linear-inl.h"
