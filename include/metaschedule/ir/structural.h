// SPDX-License-Identifier: Apache-2.0
// Structural equality and hash: equal programs up to the names of variables, buffers and blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "metaschedule/ir/function.h"

namespace metaschedule {

struct StructuralOptions {
  /// Lets a free variable on one side stand for a free variable on the other.
  bool map_free_vars = false;
  /// Compares constants by dtype and shape only.
  bool ignore_ndarray_data = false;
};

/// Field by field; variables match by a bijection built at definitions. Names of variables, buffers
/// and blocks do not count.
bool structural_equal(const Node* a, const Node* b, StructuralOptions options = {});
inline bool structural_equal(const RefBase& a, const RefBase& b, StructuralOptions options = {}) {
  return structural_equal(a.node(), b.node(), options);
}

/// Where two values first differ, as paths from the root (`<root>.body.extent.value`).
struct Mismatch {
  std::string lhs, rhs;
};
std::optional<Mismatch> first_mismatch(const Node* a, const Node* b,
                                       StructuralOptions options = {});

/// Equal values have equal hashes; stable between runs and machines when no variable is free or
/// `map_free_vars` is set.
uint64_t structural_hash(const Node* node, StructuralOptions options = {});
inline uint64_t structural_hash(const RefBase& node, StructuralOptions options = {}) {
  return structural_hash(node.node(), options);
}

/// Equality of expressions with free variables by identity: the everyday comparison of arithmetic.
bool expr_equal(const Expr& a, const Expr& b);

}  // namespace metaschedule
