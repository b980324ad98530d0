// SPDX-License-Identifier: Apache-2.0
// The operators that ready-made workloads are made of, over given tensors: those of `tvm.topi` that
// tests of tuning use. Names of stages, axes and annotations are the original's, because schedules
// look for them.
#pragma once

#include <array>
#include <string>

#include "metaschedule/te/tensor.h"

namespace metaschedule::te {

struct PadOptions {
  Expr value = nullptr;  // null: 0
  std::string name = "PadInput";
  std::string tag = "injective,pad";
  Dict attrs = {};
  std::vector<std::string> axes = {};
};
/// A border around a tensor: `before[d]` and `after[d]` elements in dimension d.
TensorRef pad(const TensorRef& data, const Exprs& before, const Exprs& after,
              const PadOptions& options = {});

/// max(x, 0).
TensorRef relu(const TensorRef& x);

/// exp(x) over its sum along one dimension, after the largest was subtracted; counted from the end
/// when negative.
TensorRef softmax(const TensorRef& x, int axis = -1);

/// Strides and the like of an image: rows, columns.
using Pair = std::array<int64_t, 2>;
/// Top, left, bottom, right.
using Border = std::array<int64_t, 4>;

struct Conv2dOptions {
  Pair stride = {1, 1}, dilation = {1, 1};
  Border padding = {0, 0, 0, 0};
  DType out_dtype = kFloat32;
};
/// (N, CI, H, W) and (CO, CI, KH, KW) to (N, CO, H', W').
TensorRef conv2d_nchw(const TensorRef& data, const TensorRef& filter, const Conv2dOptions& options);

enum class PoolType : uint8_t { Max, Avg };
struct PoolOptions {
  Pair kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1};
  Border padding = {0, 0, 0, 0};
  PoolType type = PoolType::Max;
  /// Sizes round up, not down.
  bool ceil_mode = false;
  /// "NCHW" or "NHWC".
  std::string layout = "NCHW";
  /// An average divides by what of the window lies in the padded image, else in the image itself.
  bool count_include_pad = true;
};
TensorRef pool2d(const TensorRef& x, const PoolOptions& options);

enum class ImageLayout : uint8_t { NHWC, NCHW };
struct WinogradOptions {
  ImageLayout layout = ImageLayout::NHWC;
  Border padding = {0, 0, 0, 0};
  /// Pixels of the output that a tile makes in each direction: 2, 4 or 6.
  int64_t tile_size = 4;
  /// The weights are transformed already.
  bool pre_computed = true;
  DType out_dtype = kFloat32;
  /// Of the annotation `meta_schedule.write_cache_level` of the product; 0: none.
  int64_t write_cache_level = 0;
};
/// A convolution by a 3 x 3 kernel with stride 1, by Winograd's minimal filtering. The weights are
/// (a, a, CO, CI) for NHWC and (a, a, CI, CO) for NCHW, where a is tile_size + 2 when they are
/// transformed; else (3, 3, CI, CO) and (CO, CI, 3, 3).
TensorRef conv2d_winograd(const TensorRef& data, const TensorRef& weight,
                          const WinogradOptions& options);

}  // namespace metaschedule::te
