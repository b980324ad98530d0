// SPDX-License-Identifier: Apache-2.0
// From a scheduled program to plain loops over one-dimensional buffers: what the code generator
// takes, and what feature extraction looks at.
#pragma once

#include "metaschedule/ir/function.h"

namespace metaschedule::lower {

/// What lowering may assume of the machine. Every setting gives a correct program.
struct LowerOptions {
  /// Bytes and number of the vector registers.
  int vector_bytes = 32;
  int vector_registers = 16;
  /// Whether the machine converts float16. Otherwise such values are computed with in float32 and
  /// kept as integers, as those of float8 always are.
  bool native_half = true;
  /// Turn vectorised loops into vector statements; otherwise they become serial loops.
  bool vectorize = true;
  /// Split loops at the tails that predicates cut off.
  bool split_tails = true;
  /// Keep sums and the like in local accumulators while a reduction runs over them. The order in
  /// which one element is accumulated stays as it is.
  bool register_tiles = true;
  /// Let a reduction into one element run in several accumulators that are combined at the end. The
  /// order of accumulation changes, and with it the rounding of floats.
  bool reassociate_reductions = true;
};

/// The whole pipeline for CPUs, function by function. Lowered functions pass unharmed. Raises
/// BuildError for what a CPU program may not contain (thread bindings, for one).
PrimFuncRef lower(const PrimFuncRef& func, const LowerOptions& options = {});
ModuleRef lower(const IRModule& module, const LowerOptions& options = {});

/// The program shape that per-store features are defined on: allocations placed and compacted,
/// blocks opaque, loops and buffers still as scheduled. Does not keep the meaning of Selects.
/// Features do not look at the regions that blocks declare: without `keep_regions` there are none.
ModuleRef lower_for_features(const IRModule& module, bool keep_regions = true);

}  // namespace metaschedule::lower
