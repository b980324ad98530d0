// SPDX-License-Identifier: Apache-2.0
// What a whole program computes: the number of operations, and the block that they are mostly in.
#pragma once

#include "metaschedule/schedule/path.h"

namespace metaschedule {

/// Arithmetic operations of a statement or function, the sum over data types: each of + - * / % min
/// max counts one, comparisons and loads nothing. Loops with an extent that is no constant count
/// with the largest value that constant bounds give, or once. Raises ValueError for statements and
/// expressions that are not counted (`Evaluate`, `While`, `Allocate`, …).
double estimate_tir_flops(const Node& stmt_or_function);
/// The same over the functions of a module; one with the attribute `estimated_flops` counts as that
/// says.
double estimate_tir_flops(const IRModule& module);

/// The function that stands for the module: one marked `tir.is_entry_func`, else `main`, else the
/// only one; null when there is none.
const PrimFunc* find_entry_func(const IRModule& module);

/// The block with an init that does most of the work; the only one where there is one. Null when
/// there is none.
const Block* find_anchor_block(const IRModule& module);

}  // namespace metaschedule
