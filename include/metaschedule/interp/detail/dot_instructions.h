// SPDX-License-Identifier: Apache-2.0
// Dot products of vector instructions, lane by lane.
#pragma once

#include <algorithm>

#include "metaschedule/interp/detail/instruction.h"

namespace metaschedule::interp::detail {

inline constexpr DType kI8 = DType::int_(8), kU8 = DType::uint(8), kI16 = DType::int_(16);

inline Value saturate(int64_t v, DType dtype) {
  const int64_t top = (int64_t{1} << (dtype.bits - (dtype.is_int() ? 1 : 0))) - 1;
  return of_int(std::clamp(v, dtype.is_int() ? -top - 1 : 0, top));
}

/// Sum of `depth` products in lane `lane` of operands `a` and `a + 1`, read as the given types. An
/// operand of one lane is the same for all.
inline int64_t products(InstructionCall& call, int lane, size_t a, int depth, DType left,
                        DType right) {
  const int at_left = call.lanes(a) > 1 ? lane * depth : 0,
            at_right = call.lanes(a + 1) > 1 ? lane * depth : 0;
  int64_t sum = 0;
  for (int t = 0; t < depth; ++t)
    sum += call.packed(a, at_left + t, left).i * call.packed(a + 1, at_right + t, right).i;
  return sum;
}

/// acc + sum of products, wrapped to the type of the result.
template <class Left, class Right>
Value accumulate(InstructionCall& call, int lane, int depth, Left left, Right right) {
  return of_int(wrap(call.integer(0, lane) + products(call, lane, 1, depth, left, right),
                     call.result().element()));
}
inline Value dot_uu(InstructionCall& call, int lane) { return accumulate(call, lane, 4, kU8, kU8); }
inline Value dot_us(InstructionCall& call, int lane) { return accumulate(call, lane, 4, kU8, kI8); }
inline Value dot_ss(InstructionCall& call, int lane) { return accumulate(call, lane, 4, kI8, kI8); }
/// Pairs of 16 bits; the sum with the accumulator stops at the ends of 32 bits.
inline Value dot_pairs_saturating(InstructionCall& call, int lane) {
  return saturate(call.integer(0, lane) + products(call, lane, 1, 2, kI16, kI16),
                  call.result().element());
}
/// Pairs of bytes to 16 bits, stopping at their ends.
inline Value multiply_add_bytes(InstructionCall& call, int lane) {
  return saturate(products(call, lane, 0, 2, kU8, kI8), kI16);
}
inline Value multiply_add_words(InstructionCall& call, int lane) {
  return of_int(wrap(products(call, lane, 0, 2, kI16, kI16), kInt32));
}

inline Value multiply_long(InstructionCall& call, int lane) {
  return of_int(call.integer(0, lane) * call.integer(1, lane));
}
inline Value add_pairs_long(InstructionCall& call, int lane) {
  return of_int(call.integer(0, 2 * lane) + call.integer(0, 2 * lane + 1));
}
/// Sums of neighbours of the first operand, then of the second.
inline Value add_pairs(InstructionCall& call, int lane) {
  const int half = call.lanes(0) / 2;
  const size_t from = lane < half ? 0 : 1;
  const int at = 2 * (lane - (from ? half : 0));
  return of_int(wrap(call.integer(from, at) + call.integer(from, at + 1), call.result().element()));
}

/// a . b + c of vectors of four, each signed as its type says.
inline Value dp4a(InstructionCall& call, int) {
  int64_t sum = call.integer(2);
  for (int t = 0; t < 4; ++t) sum += call.integer(0, t) * call.integer(1, t);
  return of_int(wrap(sum, call.result()));
}
/// The same of bytes in 32 bits; stops at the ends if so asked.
inline Value amdgcn_sdot4(InstructionCall& call, int) {
  const int64_t sum = call.integer(2) + products(call, 0, 0, 4, kI8, kI8);
  return call.integer(3) ? saturate(sum, kInt32) : of_int(wrap(sum, kInt32));
}

inline constexpr Instruction kDotInstructions[] = {
    {"llvm.x86.avx512.vpdpbusd.512", dot_us},
    {"llvm.x86.avx512.pmaddubs.w.512", multiply_add_bytes},
    {"llvm.x86.avx512.pmaddw.d.512", multiply_add_words},
    {"llvm.aarch64.neon.smull", multiply_long},
    {"llvm.aarch64.neon.umull", multiply_long},
    {"llvm.aarch64.neon.saddlp", add_pairs_long},
    {"llvm.aarch64.neon.uaddlp", add_pairs_long},
    {"llvm.aarch64.neon.addp", add_pairs},
    {"llvm.aarch64.neon.sdot", dot_ss},
    {"llvm.aarch64.neon.udot", dot_uu},
    {"llvm.hexagon.V6.vrmpyub.acc.128B", dot_uu},
    {"llvm.hexagon.V6.vrmpybusv.acc.128B", dot_us},
    {"llvm.hexagon.V6.vdmpyhvsat.acc.128B", dot_pairs_saturating},
    {"llvm.amdgcn.sdot4", amdgcn_sdot4},
    {"__dp4a", dp4a},
};

}  // namespace metaschedule::interp::detail
