// SPDX-License-Identifier: Apache-2.0
// Matrix instructions whose operands are tiles, or fragments, of an array in registers that only
// they can see into: warp matrices of CUDA, matrices of a SIMD group of Metal.
//
// Fragment `f` of an array with two or more axes is its tile number f, row by row; of a flat array
// it is rows * columns neighbours.
#pragma once

#include "metaschedule/interp/detail/instruction.h"

namespace metaschedule::interp::detail {

/// Element (i, j) of fragment `index` of the array at an operand, from the start of its memory.
inline int64_t tile_element(InstructionCall& call, size_t operand, int64_t index, int64_t rows,
                            int64_t cols, int64_t i, int64_t j) {
  const Home& array = call.root(operand);
  if (array.shape.size() < 2) return index * rows * cols + i * cols + j;
  const int64_t width = call.dim(array, array.shape.size() - 1);
  const int64_t tiles = std::max<int64_t>(1, width / cols);
  return (index / tiles * rows + i) * width + index % tiles * cols + j;
}

/// Rows and columns of a fragment of an m x n x k product, by the role that its scope says.
inline std::pair<int64_t, int64_t> wmma_shape(const std::string& scope, int64_t m, int64_t n,
                                              int64_t k) {
  if (scope == "wmma.matrix_a") return {m, k};
  if (scope == "wmma.matrix_b") return {k, n};
  if (scope == "wmma.accumulator") return {m, n};
  fail<RunError>("interpreter: expected a fragment of a warp matrix, found memory of scope {}",
                 scope);
}

// (data, m, n, k, fragment, pointer, row length of the memory, layout)
inline Value wmma_load(InstructionCall& call, int) {
  auto [rows, cols] =
      wmma_shape(call.root(0).scope, call.integer(1), call.integer(2), call.integer(3));
  Place to = call.place(0), from = call.place(5);
  TileLayout& layout = call.memory(to).layout;
  layout.column_major = call.text(7) == "col_major";
  // A fragment in column order is kept as the memory was: transposed.
  if (layout.column_major) std::swap(rows, cols);
  layout.shape = {call.integer(1), call.integer(2), call.integer(3)};
  to.offset = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      call.write(to, tile_element(call, 0, call.integer(4), rows, cols, i, j),
                 call.read(from, i * call.integer(6) + j));
  return of_int(0);
}

inline Value wmma_store(InstructionCall& call, int) {
  const auto [rows, cols] =
      wmma_shape(call.root(0).scope, call.integer(1), call.integer(2), call.integer(3));
  Place from = call.place(0), to = call.place(5);
  from.offset = 0;
  const bool columns = call.text(7) == "col_major";
  const int64_t width = call.integer(6);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      call.write(to, columns ? j * width + i : i * width + j,
                 call.read(from, tile_element(call, 0, call.integer(4), rows, cols, i, j)));
  return of_int(0);
}

// (data, m, n, k, fragment, value)
inline Value wmma_fill(InstructionCall& call, int) {
  Place to = call.place(0);
  to.offset = 0;
  call.memory(to).layout.shape = {call.integer(1), call.integer(2), call.integer(3)};
  const auto [rows, cols] =
      wmma_shape(call.root(0).scope, call.integer(1), call.integer(2), call.integer(3));
  const Value value = convert(call.value(5), call.dtype(5), to.element);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      call.write(to, tile_element(call, 0, call.integer(4), rows, cols, i, j), value);
  return of_int(0);
}

/// d = a * b + c of fragments whose elements are found by `at(operand, row, column)`.
template <class At>
void multiply_tiles(InstructionCall& call, const std::array<int64_t, 3>& shape, size_t d, size_t a,
                    size_t b, size_t c, const At& at) {
  const auto [m, n, k] = shape;
  auto element = [&](size_t operand, int64_t i, int64_t j) {
    Place place = call.place(operand);
    place.offset = 0;
    return call.read(place, at(operand, i, j));
  };
  Place to = call.place(d);
  to.offset = 0;
  const bool real = to.element.is_floating();
  std::vector<std::pair<int64_t, Value>> out;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      Value sum = element(c, i, j);
      for (int64_t t = 0; t < k; ++t) {
        const Value x = element(a, i, t), y = element(b, t, j);
        real ? void(sum.f += x.f * y.f) : void(sum.i += x.i * y.i);
      }
      sum = real ? of_float(round_to(sum.f, to.element)) : of_int(wrap(sum.i, to.element));
      out.emplace_back(at(d, i, j), sum);
    }
  }
  for (const auto& [where, value] : out) call.write(to, where, value);
}

// (d, fragment, a, fragment, b, fragment, c, fragment)
inline Value wmma_multiply(InstructionCall& call, int) {
  auto layout = [&](size_t operand) { return call.memory(call.place(operand)).layout; };
  const bool a_turned = layout(2).column_major, b_turned = layout(4).column_major;
  std::array<int64_t, 3> shape = layout(0).shape;
  if (!shape[0]) {  // not known from a load or a fill: the declarations say it
    const Home &c = call.declared(0), &a = call.declared(2);
    check<RunError>(c.shape.size() == 2 && a.shape.size() == 2,
                    "interpreter: the shape of the fragments of tvm_mma_sync is not known");
    shape = {call.dim(c, 0), call.dim(c, 1), call.dim(a, a_turned ? 0 : 1)};
  }
  const auto [m, n, k] = shape;
  multiply_tiles(call, shape, 0, 2, 4, 6, [&](size_t operand, int64_t i, int64_t j) {
    const bool turned = operand == 2 ? a_turned : operand == 4 && b_turned;
    int64_t rows = operand == 4 ? k : m, cols = operand == 2 ? k : n;
    if (turned) std::swap(rows, cols), std::swap(i, j);
    return tile_element(call, operand, call.integer(operand + 1), rows, cols, i, j);
  });
  return of_int(0);
}

// (data, fragment, value, columns, rows)
inline Value simdgroup_fill(InstructionCall& call, int) {
  Place to = call.place(0);
  to.offset = 0;
  const int64_t cols = call.integer(3), rows = call.integer(4);
  const Value value = convert(call.value(2), call.dtype(2), to.element);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      call.write(to, tile_element(call, 0, call.integer(1), rows, cols, i, j), value);
  return of_int(0);
}

// (data, fragment, pointer, row length of the memory, columns, rows, transposed)
inline Value simdgroup_copy(InstructionCall& call, bool load) {
  Place tile = call.place(0), memory = call.place(2);
  tile.offset = 0;
  const int64_t cols = call.integer(4), rows = call.integer(5), width = call.integer(3);
  const bool turned = call.integer(6) != 0;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      const int64_t inside = tile_element(call, 0, call.integer(1), rows, cols, i, j),
                    outside = turned ? j * width + i : i * width + j;
      if (load)
        call.write(tile, inside, call.read(memory, outside));
      else
        call.write(memory, outside, call.read(tile, inside));
    }
  }
  return of_int(0);
}
inline Value simdgroup_load(InstructionCall& call, int) { return simdgroup_copy(call, true); }
inline Value simdgroup_store(InstructionCall& call, int) { return simdgroup_copy(call, false); }

// (d, fragment, a, fragment, b, fragment, c, fragment)
inline Value simdgroup_multiply(InstructionCall& call, int) {
  multiply_tiles(call, {8, 8, 8}, 0, 2, 4, 6, [&](size_t operand, int64_t i, int64_t j) {
    return tile_element(call, operand, call.integer(operand + 1), 8, 8, i, j);
  });
  return of_int(0);
}

/// device_api.hexagon.dma_copy_dltensor(to, from, bytes, bypass the cache)
inline Value dma_copy(InstructionCall& call, int) {
  const Place to = call.place(0), from = call.place(1);
  const int64_t count = call.integer(2) / to.element.bytes();
  for (int64_t i = 0; i < count; ++i) call.write(to, i, call.read(from, i));
  return of_int(0);
}

inline constexpr Instruction kTileInstructions[] = {
    {"tvm_load_matrix_sync", wmma_load},
    {"tvm_store_matrix_sync", wmma_store},
    {"tvm_fill_fragment", wmma_fill},
    {"tvm_mma_sync", wmma_multiply},
    {"make_filled_simdgroup_matrix", simdgroup_fill},
    {"simdgroup_load", simdgroup_load},
    {"simdgroup_store", simdgroup_store},
    {"simdgroup_multiply_accumulate", simdgroup_multiply},
    {"device_api.hexagon.dma_copy_dltensor", dma_copy},
};

}  // namespace metaschedule::interp::detail
