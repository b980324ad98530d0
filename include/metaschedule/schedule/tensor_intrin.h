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

/// Makes the intrinsics of Metal's SIMD groups known, which are not from the start. Doing so again
/// is no error.
void register_metal_intrins();
/// ARM SME, made to measure and not registered: the transposition of a tile of 8 * vscale by
/// 8 * vscale float32, part of a matrix of `rows` by `cols`, beyond which the result is zero.
TensorIntrinRef sme_transpose_intrin(int64_t cols, int64_t rows);
/// A tile of 8 * vscale by 8 * vscale float32 of a product of depth `depth`, of which the first
/// `rows` rows are stored, from operands of float32 or float16 in rows of k. Raises ValueError for
/// another dtype, and for an odd depth of float16.
TensorIntrinRef sme_gemm_intrin(int64_t rows, int64_t depth, const std::string& dtype);

/// The dot products of RISC-V's vector extension on registers of so many bits (a power of two, 64
/// to 65536; ValueError for others): names that say their sizes, each with the number of elements
/// that it takes, the longest first for each type.
std::vector<std::pair<std::string, int64_t>> rvv_intrins(int64_t register_bits);
/// Makes them known. Doing so again is no error.
void register_rvv_intrins(int64_t register_bits);

/// The scripts of an intrinsic that ships: two functions, `desc` and `impl`.
struct IntrinScript {
  std::string desc, impl;
};
/// Adds an intrinsic that is written when it is asked for.
using AddIntrin = std::function<void(std::string name, std::function<IntrinScript()>)>;

}  // namespace metaschedule
