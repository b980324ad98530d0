// SPDX-License-Identifier: Apache-2.0
// What an IndexMap does to indices, shapes and ranges, and its inverses.
#pragma once

#include <utility>
#include <vector>

#include "metaschedule/arith/iter_map.h"

namespace metaschedule::arith {

/// The outputs at `indices`, simplified. Operands of different widths are brought to the wider one.
/// Raises ValueError when the number of indices is not that of the inputs.
std::vector<Expr> map_indices(const IndexMap& map, const std::vector<Expr>& indices,
                              Analyzer& analyzer);
/// The ranges of the outputs when the inputs run over `ranges`. Padding that an affine map implies
/// is kept: `i -> (i // 4, i % 4)` over 14 gives (4, 4). The dtype is the widest of the inputs'.
std::vector<Ref<Range>> map_ranges(const IndexMap& map, const std::vector<Ref<Range>>& ranges,
                                   Analyzer& analyzer);
/// The extents of the outputs over a shape. Raises ValueError when an output does not start at 0.
std::vector<Expr> map_shape(const IndexMap& map, const std::vector<Expr>& shape,
                            Analyzer& analyzer);

/// The inverse of a bijective map over `ranges`, its inputs named `axis0`, `axis1`, …; or the given
/// one. Raises ValueError when the map is not understood as a bijection.
Ref<IndexMap> inverse(const IndexMap& map, const std::vector<Ref<Range>>& ranges,
                      Analyzer& analyzer);
/// The inverse of a map that may leave points of its image box unused, and a predicate over the
/// inputs of the inverse that holds on exactly these. Raises ValueError when it is not understood.
std::pair<Ref<IndexMap>, Expr> non_surjective_inverse(const IndexMap& map,
                                                      const std::vector<Ref<Range>>& ranges,
                                                      Analyzer& analyzer);

/// Same number of inputs and outputs, and provably the same outputs.
bool is_equivalent(const IndexMap& a, const IndexMap& b, Analyzer& analyzer);

/// The map (and a given inverse) with variables and constants of `dtype` instead of other integers.
Ref<IndexMap> with_index_dtype(const IndexMap& map, DType dtype);

/// A copy of `expr` with variables replaced and operands that then differ in width brought
/// together.
Expr substitute_and_widen(const Expr& expr, const VarMap& map);

}  // namespace metaschedule::arith
