// SPDX-License-Identifier: Apache-2.0
// Row-major matrices of floats and their product, fast enough to train a small network on one core.
#pragma once

#include <cstddef>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule::mlp {

struct Matrix {
  size_t rows = 0, cols = 0;
  std::vector<float> data;

  Matrix() = default;
  Matrix(size_t rows, size_t cols) : rows(rows), cols(cols), data(rows * cols, 0.0F) {}
  float* row(size_t r) { return data.data() + r * cols; }
  const float* row(size_t r) const { return data.data() + r * cols; }
};

inline Matrix transposed(const Matrix& a) {
  Matrix out(a.cols, a.rows);
  for (size_t r = 0; r < a.rows; ++r) {
    for (size_t c = 0; c < a.cols; ++c) out.data[c * a.rows + r] = a.data[r * a.cols + c];
  }
  return out;
}

namespace detail {

#if defined(__x86_64__) && (defined(__clang__) || defined(__GNUC__))
#define METASCHEDULE_MLP_X86 1
#define METASCHEDULE_MLP_BODY [[gnu::always_inline]] inline
#else
#define METASCHEDULE_MLP_X86 0
#define METASCHEDULE_MLP_BODY inline
#endif

/// out[R][W] += a[R][k] b[k][W], with the sums in registers.
template <size_t R, size_t W>
METASCHEDULE_MLP_BODY void multiply_tile(const float* a, const float* b, float* out, size_t k,
                                         size_t n) {
  float sum[R][W];
  for (size_t r = 0; r < R; ++r) {
    for (size_t w = 0; w < W; ++w) sum[r][w] = out[r * n + w];
  }
  for (size_t i = 0; i < k; ++i) {
    for (size_t r = 0; r < R; ++r) {
      const float x = a[r * k + i];
      for (size_t w = 0; w < W; ++w) sum[r][w] += x * b[i * n + w];
    }
  }
  for (size_t r = 0; r < R; ++r) {
    for (size_t w = 0; w < W; ++w) out[r * n + w] = sum[r][w];
  }
}

template <size_t R>
METASCHEDULE_MLP_BODY void multiply_rows(const float* a, const float* b, float* out, size_t k,
                                         size_t n) {
  size_t j = 0;
  for (; j + 32 <= n; j += 32) multiply_tile<R, 32>(a, b + j, out + j, k, n);
  for (; j < n; ++j) multiply_tile<R, 1>(a, b + j, out + j, k, n);
}

METASCHEDULE_MLP_BODY void multiply_add_body(const float* a, const float* b, float* out, size_t m,
                                             size_t k, size_t n) {
  size_t r = 0;
  for (; r + 4 <= m; r += 4) multiply_rows<4>(a + r * k, b, out + r * n, k, n);
  for (; r < m; ++r) multiply_rows<1>(a + r * k, b, out + r * n, k, n);
}

inline void multiply_add_plain(const float* a, const float* b, float* out, size_t m, size_t k,
                               size_t n) {
  multiply_add_body(a, b, out, m, k, n);
}
#if METASCHEDULE_MLP_X86
[[gnu::target("avx2,fma")]] inline void multiply_add_avx2(const float* a, const float* b,
                                                          float* out, size_t m, size_t k,
                                                          size_t n) {
  multiply_add_body(a, b, out, m, k, n);
}
#endif

}  // namespace detail

/// out += a b.
inline void multiply_add(const Matrix& a, const Matrix& b, Matrix& out) {
  METASCHEDULE_CHECK(a.cols == b.rows && out.rows == a.rows && out.cols == b.cols);
  auto run = detail::multiply_add_plain;
#if METASCHEDULE_MLP_X86
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has_avx2) run = detail::multiply_add_avx2;
#endif
  run(a.data.data(), b.data.data(), out.data.data(), a.rows, a.cols, b.cols);
}

inline Matrix multiply(const Matrix& a, const Matrix& b) {
  Matrix out(a.rows, b.cols);
  multiply_add(a, b, out);
  return out;
}

}  // namespace metaschedule::mlp
