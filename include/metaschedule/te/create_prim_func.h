// SPDX-License-Identifier: Apache-2.0
// Tensor expressions to functions: one block for each operation.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/te/tensor.h"

namespace metaschedule::te {

/// The function of these tensors: inputs and outputs in the order given, other operations as
/// buffers of the root block. Every input that the outputs need must be among them. `index_dtype`
/// makes all shapes, loops and indices as wide as it (int64). Raises ValueError.
PrimFuncRef create_prim_func(const std::vector<TensorRef>& args,
                             std::optional<DType> index_dtype = std::nullopt);

}  // namespace metaschedule::te
