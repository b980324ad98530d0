// SPDX-License-Identifier: Apache-2.0
// OpenBLAS's kernel for one of the matrix products of programs.py, as onednn.cc has oneDNN's. The
// library is that of PyPI's scipy-openblas32; it says on stderr which core it has chosen.
//
//   clang++ -O2 -std=c++20 openblas.cc -L OPENBLAS/lib -lscipy_openblas -Wl,-rpath,OPENBLAS/lib
//   -o openblas && OPENBLAS_NUM_THREADS=2 ./openblas matmul512
#include <random>
#include <vector>

#include "library.h"

extern "C" {
void scipy_cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                       const float* a, int lda, const float* b, int ldb, float beta, float* c,
                       int ldc);
char* scipy_openblas_get_corename();
}

namespace {

Kernel matmul(int m, int n, int k) {
  std::mt19937 random(0);
  std::normal_distribution<float> normal;
  auto make = [&](int count) {
    std::vector<float> out(static_cast<size_t>(count));
    for (float& x : out) x = normal(random);
    return out;
  };
  constexpr int kRowMajor = 101, kNoTrans = 111;
  return [=, a = make(m * k), b = make(k * n), c = make(m * n)]() mutable {
    scipy_cblas_sgemm(kRowMajor, kNoTrans, kNoTrans, m, n, k, 1, a.data(), k, b.data(), n, 0,
                      c.data(), n);
  };
}

}  // namespace

int main(int argc, char** argv) {
  std::fprintf(stderr, "OpenBLAS for %s\n", scipy_openblas_get_corename());
  auto product = [](int m, int n, int k) { return [=] { return matmul(m, n, k); }; };
  return serve(argc > 1 ? argv[1] : "", {{"matmul128", product(128, 128, 128)},
                                         {"matmul512", product(512, 512, 512)},
                                         {"matmul1024", product(1024, 1024, 1024)},
                                         {"16x1024x1024", product(16, 1024, 1024)},
                                         {"1x1024x1024", product(1, 1024, 1024)},
                                         {"1024x16x1024", product(1024, 16, 1024)},
                                         {"24x64x512", product(24, 64, 512)}});
}
