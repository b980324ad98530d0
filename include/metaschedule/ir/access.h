// SPDX-License-Identifier: Apache-2.0
// Accesses to buffers as their methods make them in scripts and in Python.
#pragma once

#include <optional>

#include "metaschedule/ir/op.h"

namespace metaschedule {

/// A load at `begin`; where `dtype` has more lanes than the elements, of neighbours from there on.
Expr vload(const BufferRef& buffer, Exprs begin, std::optional<DType> dtype = std::nullopt,
           const Expr& predicate = nullptr);
/// A store at `begin` of as many neighbours as the value has lanes.
Stmt vstore(const BufferRef& buffer, Exprs begin, const Expr& value,
            const Expr& predicate = nullptr);
/// A pointer for an intrinsic that reads (mask 1), writes (2) or both (3): `offset` elements (null:
/// 0) after the start of the buffer, for `extent` elements (null: to its end).
Expr access_ptr(const Buffer& buffer, int64_t mask, const Expr& offset = nullptr,
                const Expr& extent = nullptr);
/// The mask that "r", "w" and "rw" stand for; raises ValueError.
int64_t access_mask(std::string_view mode);
/// Where an element lies in memory, in elements: by strides, or row-major. One index for each group
/// of dimensions between axis separators.
Exprs offset_of(const Buffer& buffer, const Exprs& indices);

}  // namespace metaschedule
