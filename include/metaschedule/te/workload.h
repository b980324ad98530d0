// SPDX-License-Identifier: Apache-2.0
// Ready-made tensor expressions: those of tvm.meta_schedule.testing.te_workload and what tests
// need. Each gives the tensors of its function, inputs first, output last.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/te/create_prim_func.h"

namespace metaschedule::te {

using Tensors = std::vector<TensorRef>;

/// What the convolutions have in common; sizes are in elements.
struct ConvOptions {
  int64_t kernel = 1, stride = 1, padding = 0, dilation = 1, groups = 1;
  DType in_dtype = kFloat32, out_dtype = kFloat32;
};

/// (N, L, CI) and (k, CI / groups, CO) to (N, L', CO).
Tensors conv1d_nlc(int64_t n, int64_t l, int64_t ci, int64_t co, const ConvOptions& options);
/// (N, H, W, CI) and (k, k, CI / groups, CO) to (N, H', W', CO).
Tensors conv2d_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                    const ConvOptions& options);
/// (N, D, H, W, CI) and (k, k, k, CI / groups, CO) to (N, D', H', W', CO).
Tensors conv3d_ndhwc(int64_t n, int64_t d, int64_t h, int64_t w, int64_t ci, int64_t co,
                     const ConvOptions& options);
/// (N, H, W, C) and (1, k, k, C) to (N, H', W', C).
Tensors depthwise_conv2d_nhwc(int64_t n, int64_t h, int64_t w, int64_t c,
                              const ConvOptions& options);
/// (N, H, W, CI) and (k, k, CI, CO) to (N, (H - 1) stride - 2 padding + k, …, CO).
Tensors conv2d_transpose_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                              const ConvOptions& options);
/// A convolution of capsules: (N, H, W, c, c, CI) and (k, k, c, c, CI, CO) to (N, H', W', c, c,
/// CO).
Tensors conv2d_capsule_nhwijc(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                              const ConvOptions& options, int64_t capsule = 4);
/// conv2d_nhwc, bias, batch normalisation and relu.
Tensors conv2d_nhwc_bn_relu(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                            const ConvOptions& options);
/// (B, N, K) and (B, K, M) to (B, N, M).
Tensors batch_matmul_nkkm(int64_t b, int64_t n, int64_t m, int64_t k, DType in_dtype = kFloat32,
                          DType out_dtype = kFloat32);
/// (batch, seq, head, dim) twice to (batch, head, seq, seq).
Tensors transpose_batch_matmul(int64_t batch, int64_t seq, int64_t heads, int64_t dim,
                               DType in_dtype = kFloat32, DType out_dtype = kFloat32);
/// (B, M, N) to (B): the root of the sum of squares.
Tensors norm_bmn(int64_t b, int64_t m, int64_t n);
/// (M, N) to (M, N), over the second dimension.
Tensors softmax_mn(int64_t m, int64_t n);
/// (N, K) and (K, M) to (N, M).
Tensors matmul(int64_t n, int64_t m, int64_t k, DType in_dtype = kFloat32,
               DType out_dtype = kFloat32);
Tensors matmul_relu(int64_t n, int64_t m, int64_t k, DType in_dtype = kFloat32,
                    DType out_dtype = kFloat32);

/// (N, CI, H, W) and (CO, CI, kh, kw) to (N, CO, H', W'); the kernel of `options` does not count.
Tensors conv2d_nchw(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co, int64_t kh, int64_t kw,
                    const ConvOptions& options);
/// conv2d_nchw, bias, batch normalisation and relu; the last three inputs are (CO, 1, 1).
Tensors conv2d_nchw_bias_bn_relu(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                                 int64_t kh, int64_t kw, const ConvOptions& options);
/// The largest of 2 x 2 pixels at each place.
Tensors max_pool2d_nchw(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t padding);
/// Winograd's convolution with weights that are transformed already: `options.kernel` is their
/// side, tile_size + 2. (N, H, W, CI) and (k, k, CO, CI) to (N, H', W', CO).
Tensors conv2d_winograd_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                             const ConvOptions& options, int64_t tile_size = 4);
/// The same for (N, CI, H, W) and (k, k, CI, CO); tiles are of 4 where H divides by 8, else of 2.
Tensors conv2d_winograd_nchw(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                             const ConvOptions& options);

/// The function of configuration `index` of a workload by its name: C1D, C2D, GRP, DIL, C3D, DEP,
/// T2D, CAP, CBR, GMM, TBG, NRM, SFM, C2D_WIN_NHWC, C2D_WIN_NCHW. Raises ValueError.
PrimFuncRef create_te_workload(std::string_view name, int index);
/// The names, and how many configurations each has.
std::vector<std::pair<std::string, int>> te_workloads();

}  // namespace metaschedule::te
