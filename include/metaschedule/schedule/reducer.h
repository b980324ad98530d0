// SPDX-License-Identifier: Apache-2.0
// Recognising the commutative operation of a reduction block.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The reduction of a block: for each buffer its store, the operation, and its operands.
struct BlockReduction {
  /// Of the same indices each. The value of update `i` combines `lhs[i]`, a load of what is stored
  /// to, with `rhs[i]`.
  std::vector<Ref<BufferStore>> updates;
  Ref<CommReducer> reducer;
  std::vector<Expr> lhs, rhs;

  /// The results of the operation on other operands.
  std::vector<Expr> combine(const std::vector<Expr>& left, const std::vector<Expr>& right) const;
};

/// What the init and body of a block compute. Refuses a block that is not a reduction over one or
/// more buffers, in the form of a store or of let statements around stores, by a known operation.
BlockReduction match_reduction(const BlockRef& block);

/// A known operation: makes the reducer for buffers that start with the given values; null when
/// their number is not right.
using ReducerMaker = std::function<Ref<CommReducer>(const std::vector<Expr>& identities)>;
/// Adds an operation after those known: sums, products, minima, maxima, pairs of sums, and minima
/// and maxima with the place where they are. Safe to call from any thread.
void register_reducer(ReducerMaker maker);

}  // namespace metaschedule
