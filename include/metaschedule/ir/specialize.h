// SPDX-License-Identifier: Apache-2.0
// A function with some of its parameters known.
#pragma once

#include <utility>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The function for these values of parameters, each an expression for a scalar, or a buffer for a
/// parameter that is one: the variables in its shape, strides and offset then stand for what the
/// given buffer has there. Scalars that are known leave the signature. Nothing is folded. Raises
/// ValueError for what is no parameter, and for a buffer that does not fit.
PrimFuncRef specialize(const PrimFunc& func,
                       const std::vector<std::pair<VarRef, Ref<Node>>>& known);

}  // namespace metaschedule
