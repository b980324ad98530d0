// SPDX-License-Identifier: Apache-2.0
// Tiles of x86 (AMX): 16 rows of 64 bytes. A call is a whole step on places in memory, each
// followed by the number of elements that its rows lie apart:
//
//   amx.tilezero(C, row)                         C = 0
//   amx.tdpb..(C, row, A, row, B, row)           C += A * B, with B[k / pack, n, k % pack]
#pragma once

#include <cmath>
#include <limits>

#include "metaschedule/interp/detail/instruction.h"

namespace metaschedule::interp::detail {

inline Value amx_tilezero(InstructionCall& call, int) {
  const Place to = call.place(0);
  const int64_t row = call.integer(1);
  check<TypeError>(to.element.bytes() == 4, "interpreter: {} is no element of a tile of sums",
                   to_string(to.element));
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 16; ++j) call.write(to, i * row + j, Value{});
  return of_int(0);
}

/// `pack` elements of A and of B from where the instruction takes them for step k of element (i,
/// j), given to `step`; `sum` makes of them what is stored.
template <class Start, class Step, class Sum>
void amx_product(InstructionCall& call, int pack, DType element, Start start, Step step, Sum sum) {
  const Place c = call.place(0), a = call.place(2), b = call.place(4);
  const int64_t c_row = call.integer(1), a_row = call.integer(3), b_row = call.integer(5);
  const bool real = element.is_floating();
  auto fits = [&](DType t) {
    return real ? t.is_bfloat16() : t.is_integral() && t.bytes() * pack == 4;
  };
  check<TypeError>(c.element == element && fits(a.element) && fits(b.element),
                   "interpreter: a product of tiles of {} and {} does not give {}",
                   to_string(a.element), to_string(b.element), to_string(c.element));
  std::array<Value, 256> out;
  for (int64_t i = 0; i < 16; ++i) {
    for (int64_t j = 0; j < 16; ++j) {
      auto state = start();
      for (int64_t k = 0; k < 16; ++k)
        for (int64_t t = 0; t < pack; ++t)
          step(state, t, call.read(a, i * a_row + k * pack + t),
               call.read(b, k * b_row + j * pack + t));
      out[static_cast<size_t>(i * 16 + j)] = sum(call.read(c, i * c_row + j), state);
    }
  }
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 16; ++j)
      call.write(c, i * c_row + j, out[static_cast<size_t>(i * 16 + j)]);
}

/// Products of bytes, signed as the types say, in 32 bits that wrap.
template <TypeCode Left, TypeCode Right>
Value amx_bytes(InstructionCall& call, int) {
  static constexpr DType kLeft{Left, 8, 1}, kRight{Right, 8, 1};
  amx_product(
      call, 4, kInt32, [] { return int64_t{0}; },
      [](int64_t& total, int64_t, Value x, Value y) {
        total += wrap(x.i, kLeft) * wrap(y.i, kRight);
      },
      [](Value c, int64_t total) { return of_int(wrap(c.i + total, kInt32)); });
  return of_int(0);
}

/// Two sums in float32, of the products of even and of odd places, each by fused multiply-add; then
/// c + (even + odd). Numbers below the smallest normal one count as zero, operands and results, and
/// all results are rounded to nearest even.
inline Value amx_bfloat16(InstructionCall& call, int) {
  auto flush = [](float v) {
    return std::abs(v) < std::numeric_limits<float>::min() ? std::copysign(0.0f, v) : v;
  };
  using Sums = std::array<float, 2>;
  amx_product(
      call, 2, kFloat32, [] { return Sums{}; },
      [&](Sums& sums, int64_t t, Value x, Value y) {
        float& sum = sums[static_cast<size_t>(t)];
        sum = flush(std::fma(flush(static_cast<float>(x.f)), flush(static_cast<float>(y.f)), sum));
      },
      [&](Value c, const Sums& sums) {
        const float both = flush(sums[0] + sums[1]);
        return of_float(flush(flush(static_cast<float>(c.f)) + both));
      });
  return of_int(0);
}

inline constexpr Instruction kAmxInstructions[] = {
    {"amx.tilezero", amx_tilezero},
    {"amx.tdpbssd", amx_bytes<TypeCode::Int, TypeCode::Int>},
    {"amx.tdpbsud", amx_bytes<TypeCode::Int, TypeCode::UInt>},
    {"amx.tdpbusd", amx_bytes<TypeCode::UInt, TypeCode::Int>},
    {"amx.tdpbuud", amx_bytes<TypeCode::UInt, TypeCode::UInt>},
    {"amx.tdpbf16ps", amx_bfloat16},
};

}  // namespace metaschedule::interp::detail
