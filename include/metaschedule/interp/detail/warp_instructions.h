// SPDX-License-Identifier: Apache-2.0
// Matrix instructions whose operands are spread over the registers of a warp: ldmatrix and mma of
// CUDA, MFMA of AMD.
//
// A register operand of mma and ldmatrix is memory of scope `warp`, where each thread has its own
// offset, or of a scope `m16n8k8.matrix*`, which holds tiles in their natural order: there the
// offset counts registers of one thread: 8 of a tile of 32 x 8 of A, 2 of 8 x 8 of B, 4 of 16 x 8
// of C.
#pragma once

#include "metaschedule/interp/detail/tile_instructions.h"

namespace metaschedule::interp::detail {

/// Where a part of a matrix is: the thread and its register.
struct Register {
  int64_t thread, number;
};

/// Where an instruction m16n8k(8 * words of k) has its operands; `per_word` elements are in 32
/// bits.
struct MmaLayout {
  int per_word;
  int64_t k;

  Register a(int64_t i, int64_t t) const {
    const int64_t half = 4 * per_word;
    return {4 * (i % 8) + t % half / per_word, (i / 8 + t / half * 2) * per_word + t % per_word};
  }
  Register b(int64_t t, int64_t j) const {
    const int64_t half = 4 * per_word;
    return {4 * (j % 8) + t % half / per_word, t / half * per_word + t % per_word};
  }
  static Register c(int64_t i, int64_t j) { return {4 * (i % 8) + j % 8 / 2, i / 8 * 2 + j % 2}; }
};

/// The element that is a register, given by the operand of the memory and the one of its offset.
inline int64_t register_element(InstructionCall& call, size_t data, size_t offset,
                                const Register& where) {
  const std::string& scope = call.root(data).scope;
  const int64_t first = call.at_thread(where.thread, [&] { return call.integer(offset); });
  if (scope == "warp") return first + where.number;
  if (!scope.starts_with("m16n8k8.matrix"))
    fail<RunError>("interpreter: expected registers of a warp, found memory of scope {}", scope);
  const int64_t each = scope.ends_with("A") ? 8 : scope.ends_with("B") ? 2 : 4;
  const int64_t number = first + where.number, r = number % each;
  const int64_t group = where.thread / 4, place = where.thread % 4 * 2;
  if (each == 2) return tile_element(call, data, number / each, 8, 8, place + r, group);
  return tile_element(call, data, number / each, each * 4, 8, group + r / 2 * 8, place + r % 2);
}
inline Place whole(InstructionCall& call, size_t operand) {
  Place place = call.place(operand);
  place.offset = 0;
  return place;
}

/// Calls f(thread) for the thread that runs, or for all of the warp outside of a loop over threads.
template <class F>
void for_threads(InstructionCall& call, const F& f) {
  if (const int64_t thread = call.thread(); thread >= 0) return f(thread);
  for (int64_t thread = 0; thread < 32; ++thread) f(thread);
}

// (transposed, number of 8 x 8 tiles of 16 bits, type, registers, offset, pointer, offset). Each of
// 8 threads in turn says where a row of a tile is.
inline Value ldmatrix(InstructionCall& call, int) {
  const bool turned = call.integer(0) != 0;
  const Place to = whole(call, 3), from = call.place(5);
  const int per_word = 4 / to.element.bytes();
  for_threads(call, [&](int64_t thread) {
    if (turned && per_word == 4) {
      // There is no such instruction for bytes: a loop stands for it, and the last operand is the
      // length of a row of the 32 x 16 tile.
      const int64_t width = call.integer(6);
      for (int64_t r = 0; r < 16; ++r) {
        const int64_t row = r % 8 / 4 * 16 + thread % 4 * 4 + r % 4, col = r / 8 * 8 + thread / 4;
        call.write(to, register_element(call, 3, 4, {thread, r}),
                   call.read(from, row * width + col));
      }
      return;
    }
    for (int64_t tile = 0; tile < call.integer(1); ++tile) {
      for (int64_t x = 0; x < per_word; ++x) {
        const int64_t row = turned ? thread % 4 * per_word + x : thread / 4,
                      col = turned ? thread / 4 : thread % 4 * per_word + x;
        const Value value = call.at_thread(
            8 * tile + row, [&] { return call.read(call.place(5), call.integer(6) + col); });
        call.write(to, register_element(call, 3, 4, {thread, tile * per_word + x}), value);
      }
    }
  });
  return of_int(0);
}

// (shape, layouts of A and B, types of A, B and C, then registers and offset of A, B and C,
// saturate). A is in rows and B in columns whatever the layouts say: nothing else exists.
inline Value mma(InstructionCall& call, int) {
  const std::string& shape = call.text(0);
  check<RunError>(shape.starts_with("m16n8k"), "interpreter: no mma of shape {}", shape);
  const MmaLayout layout{4 / whole(call, 6).element.bytes(), std::stol(shape.substr(6))};
  const Place a = whole(call, 6), b = whole(call, 8), c = whole(call, 10);
  const bool real = c.element.is_floating();
  std::vector<std::pair<int64_t, Value>> out;
  for_threads(call, [&](int64_t thread) {
    for (int64_t r = 0; r < 4; ++r) {
      const int64_t i = thread / 4 + r / 2 * 8, j = thread % 4 * 2 + r % 2;
      const int64_t where = register_element(call, 10, 11, {thread, r});
      Value sum = call.read(c, where);
      for (int64_t t = 0; t < layout.k; ++t) {
        const Value x = call.read(a, register_element(call, 6, 7, layout.a(i, t))),
                    y = call.read(b, register_element(call, 8, 9, layout.b(t, j)));
        real ? void(sum.f += x.f * y.f) : void(sum.i += x.i * y.i);
      }
      out.emplace_back(
          where, real ? of_float(round_to(sum.f, c.element)) : of_int(wrap(sum.i, c.element)));
    }
  });
  for (const auto& [where, value] : out) call.write(c, where, value);
  return of_int(0);
}

// (registers a thread, memory, offset) and (rows, columns, pointer, memory, offset, row length): of
// the accumulators of a 16 x 16 tile, two of m16n8 side by side.
inline int64_t accumulator(InstructionCall& call, size_t offset, const Register& where,
                           int64_t each) {
  const int64_t first = call.at_thread(where.thread, [&] { return call.integer(offset); });
  return first + (call.thread() < 0 ? where.thread * each : 0) + where.number;
}
inline Value mma_fill(InstructionCall& call, int) {
  const Place to = whole(call, 1);
  const int64_t each = call.integer(0);
  const Value zero = to.element.is_floating() ? of_float(0) : of_int(0);
  for_threads(call, [&](int64_t thread) {
    for (int64_t r = 0; r < each; ++r)
      call.write(to, accumulator(call, 2, {thread, r}, each), zero);
  });
  return of_int(0);
}
inline Value mma_store(InstructionCall& call, int) {
  const Place to = call.place(2), from = whole(call, 3);
  const int64_t rows = call.integer(0), cols = call.integer(1), each = rows * cols / 32;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      Register where = MmaLayout::c(i, j);
      where.number += j / 8 * 4;
      if (call.thread() >= 0 && call.thread() != where.thread) continue;
      call.write(to, i * call.integer(5) + j, call.read(from, accumulator(call, 4, where, each)));
    }
  }
  return of_int(0);
}

/// D = A * B + C of 16 x 16 results, by value: each of 64 threads gives and gets neighbours. A's
/// element (i, k) is with thread i + 16 * (k / n) as its number k % n, n = K / 4; B's likewise with
/// the column for the row; C's (i, j) is with thread j + 16 * (i / 4) as number i % 4.
inline Value mfma(InstructionCall& call, int lane, DType in, int64_t k) {
  const int64_t thread = call.thread(), each = k / 4;
  check<RunError>(thread >= 0, "interpreter: an MFMA outside of a loop over threadIdx.x");
  const int64_t i = thread / 16 * 4 + lane, j = thread % 16;
  const bool real = in.is_floating();
  Value sum = call.value(2, lane);
  auto element = [&](size_t operand, int64_t row, int64_t t) {
    return call.at_thread(row + 16 * (t / each),
                          [&] { return call.packed(operand, static_cast<int>(t % each), in); });
  };
  for (int64_t t = 0; t < k; ++t) {
    const Value x = element(0, i, t), y = element(1, j, t);
    real ? void(sum.f += x.f * y.f) : void(sum.i += x.i * y.i);
  }
  const DType out = call.result().element();
  return real ? of_float(round_to(sum.f, out)) : of_int(wrap(sum.i, out));
}
inline Value mfma_f32(InstructionCall& call, int lane) { return mfma(call, lane, kFloat32, 4); }
inline Value mfma_f16(InstructionCall& call, int lane) {
  return mfma(call, lane, DType::float_(16), 16);
}
inline Value mfma_i8(InstructionCall& call, int lane) {
  return mfma(call, lane, DType::int_(8), 16);
}

inline constexpr Instruction kWarpInstructions[] = {
    {"ptx_ldmatrix", ldmatrix},
    {"ptx_mma", mma},
    {"mma_fill", mma_fill},
    {"mma_store", mma_store},
    {"llvm.amdgcn.mfma.f32.16x16x4f32", mfma_f32},
    {"llvm.amdgcn.mfma.f32.16x16x16f16", mfma_f16},
    {"llvm.amdgcn.mfma.i32.16x16x16i8", mfma_i8},
};

}  // namespace metaschedule::interp::detail
