// SPDX-License-Identifier: Apache-2.0
// Tensor instructions by name: what each computes (`desc`) and how it is written (`impl`). Those
// that ship are read from text when first asked for.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

using TensorIntrinRef = Ref<TensorIntrin>;

/// A pair of functions over equally many buffers. Raises ValueError when the numbers of parameters
/// differ or one is not a handle with a buffer.
TensorIntrinRef make_tensor_intrin(PrimFuncRef desc, PrimFuncRef impl);

/// Makes the pair known by name; raises ValueError when the name is taken and `override` is not
/// set. Safe from several threads, as are the others.
void register_tensor_intrin(const std::string& name, TensorIntrinRef intrin, bool override = false);
/// Null when there is none of this name.
TensorIntrinRef find_tensor_intrin(std::string_view name);
/// Raises ValueError when there is none of this name.
TensorIntrinRef get_tensor_intrin(std::string_view name);
/// All names, sorted.
std::vector<std::string> tensor_intrin_names();

/// The scripts of an intrinsic that ships: two functions, `desc` and `impl`.
struct IntrinScript {
  std::string desc, impl;
};
/// Adds an intrinsic that is written when it is asked for.
using AddIntrin = std::function<void(std::string name, std::function<IntrinScript()>)>;

}  // namespace metaschedule
