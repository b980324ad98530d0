// SPDX-License-Identifier: Apache-2.0
// Calls of intrinsics whose type is not told.
#pragma once

#include <string_view>

#include "metaschedule/ir/op.h"

namespace metaschedule {

/// The type of a call of an intrinsic (without the prefix `tir.`) on these operands.
DType intrinsic_dtype(std::string_view name, const Exprs& args);

/// A buffer as an operand of a packed call: data, shape, strides, …
Expr packed_array(const Buffer& buffer);

}  // namespace metaschedule
