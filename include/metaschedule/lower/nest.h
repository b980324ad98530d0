// SPDX-License-Identifier: Apache-2.0
// Inside the passes on loops: a perfect nest around one store that accumulates into its own
// element.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/linear.h"

namespace metaschedule::lower::detail {

/// for l0: for l1: ... C[index] = f(C[index], ...), loops of constant extent from 0.
struct ReductionNest {
  struct Loop {
    const For* loop;
    int64_t extent;
    bool reduction;        // the index of the store does not mention it
    int64_t store_stride;  // of the index; meaningless where `opaque`
    bool opaque;           // the index depends on it in another way than by a factor
  };
  std::vector<Loop> loops;  // outermost first
  const BufferStore* store = nullptr;
};

/// The nest that starts at `loop`; nothing when it is not perfect, when the store does not
/// accumulate, when its buffer is read elsewhere in the nest, or when no loop is a reduction.
std::optional<ReductionNest> reduction_nest(const For& loop);

/// How a load of the nest moves with a loop variable: its stride, or nothing when it is not linear.
std::optional<int64_t> stride_of(const Expr& index, const Var* var);

/// For the update `C = combine(C, term)` (either order): its kind, and the term. Only Add, Mul, Min
/// and Max, and only where `term` does not read C.
struct Update {
  Kind kind;
  Expr term;
  bool accumulator_first;
};
std::optional<Update> update_of(const BufferStore& store);

}  // namespace metaschedule::lower::detail
