// SPDX-License-Identifier: Apache-2.0
// Instructions on vectors whose length the processor chooses: ARM's SVE and SME, RISC-V's V. The
// matrix array of SME is a square of as many bytes as a vector has; tile t of elements of b bytes
// is its rows t, t + b, t + 2b, ….
#pragma once

#include "metaschedule/interp/detail/instruction.h"

namespace metaschedule::interp::detail {

/// A tile of the matrix array.
class ArrayTile {
 public:
  ArrayTile(InstructionCall& call, DType element, int64_t tile)
      : array_(call.matrix_array()), element_(element), tile_(tile), length_(16 * call.vscale()) {
    const auto bytes = static_cast<size_t>(length_ * length_);
    if (array_.size() != bytes) array_.assign(bytes, 0);
    check<RunError>(tile >= 0 && tile < element.bytes(),
                    "interpreter: the matrix array has {} tiles of {}, found number {}",
                    element.bytes(), to_string(element), tile);
  }
  int64_t side() const { return length_ / element_.bytes(); }
  Value get(int64_t row, int64_t col) const { return loader(element_)(at(row, col)); }
  void set(int64_t row, int64_t col, Value value) { storer(element_)(at(row, col), value); }

 private:
  uint8_t* at(int64_t row, int64_t col) const {
    check<RunError>(row >= 0 && row < side() && col >= 0 && col < side(),
                    "interpreter: element [{}, {}] of a tile of {} rows", row, col, side());
    const int64_t width = element_.bytes();
    return array_.data() + (row * width + tile_) * length_ + col * width;
  }
  std::vector<uint8_t>& array_;
  DType element_;
  int64_t tile_, length_;
};

// (mask): bit t clears tile t of 64 bits, a row in eight.
inline Value sme_zero(InstructionCall& call, int) {
  const int64_t mask = call.integer(0);
  for (int64_t t = 0; t < 8; ++t) {
    if (!(mask >> t & 1)) continue;
    ArrayTile tile(call, DType::uint(64), t);
    for (int64_t i = 0; i < tile.side(); ++i)
      for (int64_t j = 0; j < tile.side(); ++j) tile.set(i, j, of_int(0));
  }
  return of_int(0);
}

// (predicate, pointer, tile, slice): a row or a column of a tile. A load clears the lanes that the
// predicate leaves out, a store leaves their memory alone.
inline Value sme_slice(InstructionCall& call, DType element, bool load, bool horizontal) {
  ArrayTile tile(call, element, call.integer(2));
  const Place memory = call.place(1);
  const int64_t slice = call.integer(3);
  for (int64_t k = 0; k < tile.side(); ++k) {
    const int64_t row = horizontal ? slice : k, col = horizontal ? k : slice;
    const bool active = call.integer(0, static_cast<int>(k)) != 0;
    if (load)
      tile.set(row, col, active ? call.read(memory, k) : Value{});
    else if (active)
      call.write(memory, k, tile.get(row, col));
  }
  return of_int(0);
}
template <int kBits, bool kLoad, bool kHorizontal>
Value sme_slice_of(InstructionCall& call, int) {
  // The bits move as they are: elements are of the type that the memory has.
  const DType element = call.place(1).element;
  check<TypeError>(element.bits == kBits, "interpreter: a slice of {} bits on memory of {}", kBits,
                   to_string(element));
  return sme_slice(call, element, kLoad, kHorizontal);
}

// (tile, predicate of rows, predicate of columns, a, b): tile[i, j] += sum over the `depth`
// neighbours in 32 bits of a and b.
inline Value sme_outer_product(InstructionCall& call, int depth) {
  ArrayTile tile(call, kFloat32, call.integer(0));
  for (int i = 0; i < tile.side(); ++i) {
    for (int j = 0; j < tile.side(); ++j) {
      double sum = tile.get(i, j).f;
      for (int t = 0; t < depth; ++t) {
        const int x = i * depth + t, y = j * depth + t;
        if (call.integer(1, x) && call.integer(2, y)) sum += call.real(3, x) * call.real(4, y);
      }
      tile.set(i, j, of_float(round_to(sum, kFloat32)));
    }
  }
  return of_int(0);
}
inline Value sme_mopa(InstructionCall& call, int) { return sme_outer_product(call, 1); }
inline Value sme_mopa_wide(InstructionCall& call, int) { return sme_outer_product(call, 2); }

/// Lanes of two vectors in turn: of their lower halves, or of their upper.
inline Value zip(InstructionCall& call, int lane, bool upper) {
  const int from = lane / 2 + (upper ? call.lanes(0) / 2 : 0);
  return call.value(lane % 2 ? 1 : 0, from);
}
inline Value sve_zip1(InstructionCall& call, int lane) { return zip(call, lane, false); }
inline Value sve_zip2(InstructionCall& call, int lane) { return zip(call, lane, true); }

/// The vector instructions of RISC-V work on the first `length` lanes, their last operand; the
/// others are those of the first operand.
inline bool is_tail(InstructionCall& call, int lane) {
  return lane >= call.integer(call.num_operands() - 1);
}
// (tail, pointer, length)
inline Value rvv_load(InstructionCall& call, int lane) {
  return is_tail(call, lane) ? call.value(0, lane) : call.read(call.place(1), lane);
}
// (tail, a, b, [rounding mode,] length)
inline Value rvv_multiply(InstructionCall& call, int lane) {
  if (is_tail(call, lane)) return call.value(0, lane);
  const DType out = call.result().element();
  if (out.is_floating()) return of_float(round_to(call.real(1, lane) * call.real(2, lane), out));
  return of_int(wrap(call.integer(1, lane) * call.integer(2, lane), out));
}
// (tail, vector, vector whose first lane is added, [rounding mode,] length)
inline Value rvv_sum(InstructionCall& call, int lane) {
  if (lane > 0) return call.value(0, lane);
  const DType out = call.result().element();
  Value sum = call.value(2, 0);
  for (int k = 0; !is_tail(call, k); ++k)
    out.is_floating() ? void(sum.f += call.real(1, k)) : void(sum.i += call.integer(1, k));
  return out.is_floating() ? of_float(round_to(sum.f, out)) : of_int(wrap(sum.i, out));
}
inline Value rvv_first(InstructionCall& call, int) { return call.value(0, 0); }

inline constexpr Instruction kScalableInstructions[] = {
    {"llvm.aarch64.sme.zero", sme_zero},
    {"llvm.aarch64.sme.ld1w.horiz", sme_slice_of<32, true, true>},
    {"llvm.aarch64.sme.ld1h.horiz", sme_slice_of<16, true, true>},
    {"llvm.aarch64.sme.st1w.horiz", sme_slice_of<32, false, true>},
    {"llvm.aarch64.sme.st1w.vert", sme_slice_of<32, false, false>},
    {"llvm.aarch64.sme.st1h.vert", sme_slice_of<16, false, false>},
    {"llvm.aarch64.sme.mopa", sme_mopa},
    {"llvm.aarch64.sme.mopa.wide", sme_mopa_wide},
    {"llvm.aarch64.sve.zip1", sve_zip1},
    {"llvm.aarch64.sve.zip2", sve_zip2},
    {"llvm.riscv.vle", rvv_load},
    {"llvm.riscv.vfmul", rvv_multiply},
    {"llvm.riscv.vwmul", rvv_multiply},
    {"llvm.riscv.vwmulsu", rvv_multiply},
    {"llvm.riscv.vfredusum", rvv_sum},
    {"llvm.riscv.vwredsum", rvv_sum},
    {"llvm.riscv.vmv.x.s", rvv_first},
    {"llvm.riscv.vfmv.f.s", rvv_first},
};

}  // namespace metaschedule::interp::detail
