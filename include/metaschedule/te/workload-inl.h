// SPDX-License-Identifier: Apache-2.0
// The ready-made workloads.
#pragma once

#include "metaschedule/te/topi-inl.h"
#include "metaschedule/te/workload.h"

namespace metaschedule::te {

namespace detail {

/// Zeros around a tensor: `padding[i]` on both sides of dimension `i`.
inline TensorRef pad(const TensorRef& data, const std::vector<int64_t>& padding,
                     const std::string& name = "PadInput") {
  std::vector<Expr> border;
  for (int64_t size : padding) border.push_back(i32(size));
  return te::pad(data, border, border, {.name = name});
}

inline int64_t conv_size(int64_t size, const ConvOptions& o) {
  return (size + 2 * o.padding - o.dilation * (o.kernel - 1) - 1) / o.stride + 1;
}

inline void check_groups(int64_t ci, int64_t co, const ConvOptions& o) {
  check<ValueError>(o.groups >= 1 && ci % o.groups == 0 && co % o.groups == 0,
                    "{} and {} channels do not divide into {} groups", ci, co, o.groups);
}

/// A convolution over any number of spatial dimensions, channels last.
inline Tensors conv_channels_last(const std::vector<int64_t>& spatial, int64_t n, int64_t ci,
                                  int64_t co, const ConvOptions& o, const std::string& name,
                                  const std::vector<std::string>& axes,
                                  const std::vector<std::string>& reduce_axes) {
  check_groups(ci, co, o);
  size_t dims = spatial.size();
  std::vector<Expr> in_shape{i32(n)}, weight_shape, out_shape{i32(n)};
  std::vector<int64_t> padding{0};
  std::vector<Ref<IterVar>> reduced;
  for (size_t d = 0; d < dims; ++d) {
    in_shape.push_back(i32(spatial[d]));
    weight_shape.push_back(i32(o.kernel));
    out_shape.push_back(i32(conv_size(spatial[d], o)));
    padding.push_back(o.padding);
    reduced.push_back(reduce_axis(i32(o.kernel), reduce_axes[d]));
  }
  in_shape.push_back(i32(ci));
  weight_shape.push_back(i32(ci / o.groups));
  weight_shape.push_back(i32(co));
  out_shape.push_back(i32(co));
  padding.push_back(0);
  reduced.push_back(reduce_axis(i32(ci / o.groups), "rc"));
  TensorRef inputs = placeholder(in_shape, o.in_dtype, "inputs");
  TensorRef weight = placeholder(weight_shape, o.in_dtype, "weight");
  TensorRef padded = pad(inputs, padding);
  auto value = [&](const Indices& i) {
    Indices from{i[0]}, kernel;
    for (size_t d = 0; d < dims; ++d) {
      from.push_back(i[d + 1] * o.stride + Expr(reduced[d]->var) * o.dilation);
      kernel.push_back(reduced[d]->var);
    }
    const Expr& channel = i[dims + 1];
    Expr rc = reduced[dims]->var;
    from.push_back(floordiv(channel, co / o.groups) * (ci / o.groups) + rc);
    kernel.push_back(rc);
    kernel.push_back(channel);
    return sum(element(padded, from, o.out_dtype) * element(weight, kernel, o.out_dtype),
               List<IterVar>(reduced));
  };
  return {inputs, weight, compute(out_shape, value, {.name = name, .axes = axes})};
}

}  // namespace detail

METASCHEDULE_INLINE Tensors conv1d_nlc(int64_t n, int64_t l, int64_t ci, int64_t co,
                                       const ConvOptions& o) {
  return detail::conv_channels_last({l}, n, ci, co, o, "conv1d_nlc", {"n", "l", "co"}, {"rl"});
}
METASCHEDULE_INLINE Tensors conv2d_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                                        const ConvOptions& o) {
  return detail::conv_channels_last({h, w}, n, ci, co, o, "conv2d_nhwc", {"n", "h", "w", "co"},
                                    {"rh", "rw"});
}
METASCHEDULE_INLINE Tensors conv3d_ndhwc(int64_t n, int64_t d, int64_t h, int64_t w, int64_t ci,
                                         int64_t co, const ConvOptions& o) {
  return detail::conv_channels_last({d, h, w}, n, ci, co, o, "conv3d_ndhwc",
                                    {"n", "d", "h", "w", "co"}, {"rd", "rh", "rw"});
}

METASCHEDULE_INLINE Tensors depthwise_conv2d_nhwc(int64_t n, int64_t h, int64_t w, int64_t c,
                                                  const ConvOptions& o) {
  TensorRef inputs = placeholder(detail::sizes({n, h, w, c}), o.in_dtype);
  TensorRef weight = placeholder(detail::sizes({1, o.kernel, o.kernel, c}), o.in_dtype);
  TensorRef padded = detail::pad(inputs, {0, o.padding, o.padding, 0});
  auto rh = reduce_axis(i32(o.kernel), "rh"), rw = reduce_axis(i32(o.kernel), "rw");
  auto value = [&](const Indices& i) {
    Indices from = {i[0], i[1] * o.stride + Expr(rh->var) * o.dilation,
                    i[2] * o.stride + Expr(rw->var) * o.dilation, i[3]};
    return sum(detail::element(padded, from, o.out_dtype) *
                   detail::element(weight, {i32(0), rh->var, rw->var, i[3]}, o.out_dtype),
               {rh, rw});
  };
  Exprs shape = detail::sizes({n, detail::conv_size(h, o), detail::conv_size(w, o), c});
  return {inputs, weight,
          compute(shape, value, {.name = "depth_conv2d_nhwc", .axes = {"n", "h", "w", "c"}})};
}

METASCHEDULE_INLINE Tensors conv2d_transpose_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                  int64_t co, const ConvOptions& o) {
  int64_t k = o.kernel, s = o.stride, rest = k - 1 - o.padding;
  check<ValueError>(rest >= 0, "conv2d_transpose: the padding {} exceeds the kernel {} less one",
                    o.padding, k);
  TensorRef inputs = placeholder(detail::sizes({n, h, w, ci}), o.in_dtype, "inputs");
  TensorRef weight = placeholder(detail::sizes({k, k, ci, co}), o.in_dtype, "weight");
  int64_t border = (s - rest % s) % s, around = (rest + s - 1) / s;
  TensorRef padded = detail::pad(inputs, {0, around, around, 0});
  auto rh = reduce_axis(i32(k), "rh"), rw = reduce_axis(i32(k), "rw"),
       rc = reduce_axis(i32(ci), "rc");
  auto value = [&](const Indices& i) {
    Expr y = i[1] + Expr(rh->var) + border, x = i[2] + Expr(rw->var) + border;
    Expr hits = logical_and(eq(floormod(y, s), i32(0)), eq(floormod(x, s), i32(0)));
    Expr read =
        detail::element(padded, {i[0], floordiv(y, s), floordiv(x, s), rc->var}, o.out_dtype);
    Expr factor = detail::element(
        weight, {i32(k - 1) - Expr(rh->var), i32(k - 1) - Expr(rw->var), rc->var, i[3]},
        o.out_dtype);
    return sum(if_then_else(hits, read, make_zero(o.out_dtype)) * factor, {rh, rw, rc});
  };
  Exprs shape =
      detail::sizes({n, (h - 1) * s - 2 * o.padding + k, (w - 1) * s - 2 * o.padding + k, co});
  return {inputs, weight,
          compute(shape, value, {.name = "conv2d_transpose_nhwc", .axes = {"n", "h", "w", "co"}})};
}

METASCHEDULE_INLINE Tensors conv2d_capsule_nhwijc(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                  int64_t co, const ConvOptions& o,
                                                  int64_t capsule) {
  TensorRef inputs =
      placeholder(detail::sizes({n, h, w, capsule, capsule, ci}), o.in_dtype, "inputs");
  TensorRef weight = placeholder(detail::sizes({o.kernel, o.kernel, capsule, capsule, ci, co}),
                                 o.in_dtype, "weight");
  TensorRef padded = detail::pad(inputs, {0, o.padding, o.padding, 0, 0, 0});
  auto rh = reduce_axis(i32(o.kernel), "rh"), rw = reduce_axis(i32(o.kernel), "rw"),
       cap = reduce_axis(i32(capsule), "cap_k"), rc = reduce_axis(i32(ci), "rc");
  auto value = [&](const Indices& i) {
    Indices from = {
        i[0],   i[1] * o.stride + Expr(rh->var), i[2] * o.stride + Expr(rw->var), i[3], cap->var,
        rc->var};
    Indices kernel = {rh->var, rw->var, cap->var, i[4], rc->var, i[5]};
    return sum(
        detail::element(padded, from, o.out_dtype) * detail::element(weight, kernel, o.out_dtype),
        {rh, rw, cap, rc});
  };
  ConvOptions plain = o;
  plain.dilation = 1;
  Exprs shape = detail::sizes(
      {n, detail::conv_size(h, plain), detail::conv_size(w, plain), capsule, capsule, co});
  return {inputs, weight,
          compute(shape, value,
                  {.name = "conv2d_capsule_nhwijc", .axes = {"n", "h", "w", "ci", "cj", "co"}})};
}

METASCHEDULE_INLINE Tensors conv2d_nhwc_bn_relu(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                int64_t co, const ConvOptions& o) {
  TensorRef data = placeholder(detail::sizes({n, h, w, ci}), o.in_dtype, "data");
  TensorRef kernel = placeholder(detail::sizes({o.kernel, o.kernel, ci, co}), o.in_dtype, "kernel");
  TensorRef bias = placeholder(detail::sizes({co}), o.out_dtype, "bias");
  TensorRef scale = placeholder(detail::sizes({co}), o.out_dtype, "bn_scale");
  TensorRef offset = placeholder(detail::sizes({co}), o.out_dtype, "bn_offset");
  TensorRef padded = detail::pad(data, {0, o.padding, o.padding, 0}, "PaddedInput");
  auto ry = reduce_axis(i32(o.kernel), "ry"), rx = reduce_axis(i32(o.kernel), "rx"),
       rc = reduce_axis(i32(ci), "rc");
  Exprs shape = detail::sizes({n, detail::conv_size(h, o), detail::conv_size(w, o), co});
  auto product = [&](const Indices& i) {
    Indices from = {i[0], i[1] * o.stride + Expr(ry->var) * o.dilation,
                    i[2] * o.stride + Expr(rx->var) * o.dilation, rc->var};
    return sum(detail::element(padded, from, o.out_dtype) *
                   detail::element(kernel, {ry->var, rx->var, rc->var, i[3]}, o.out_dtype),
               {ry, rx, rc});
  };
  TensorRef conv =
      compute(shape, product, {.name = "Conv2dOutput", .axes = {"nn", "yy", "xx", "ff"}});
  const std::vector<std::string> axes = {"i", "j", "k", "l"};
  auto stage = [&](const char* name, const TensorRef& x, const TensorRef& y, Kind op) {
    return compute(shape, [&](const Indices& i) { return binary(op, at(x, i), at(y, {i[3]})); },
                   {.name = name, .axes = axes});
  };
  TensorRef biased = stage("bias_add", conv, bias, Kind::Add);
  TensorRef scaled = stage("bn_mul", biased, scale, Kind::Mul);
  TensorRef shifted = stage("bn_add", scaled, offset, Kind::Add);
  return {data, kernel, bias, offset, scale, relu(shifted)};
}

METASCHEDULE_INLINE Tensors batch_matmul_nkkm(int64_t b, int64_t n, int64_t m, int64_t k,
                                              DType in_dtype, DType out_dtype) {
  TensorRef x = placeholder(detail::sizes({b, n, k}), in_dtype, "X");
  TensorRef y = placeholder(detail::sizes({b, k, m}), in_dtype, "Y");
  auto r = reduce_axis(i32(k), "k");
  auto value = [&](const Indices& i) {
    return sum(detail::element(x, {i[0], i[1], r->var}, out_dtype) *
                   detail::element(y, {i[0], r->var, i[2]}, out_dtype),
               {r});
  };
  return {x, y, compute(detail::sizes({b, n, m}), value, {.name = "Z", .axes = {"b", "i", "j"}})};
}

METASCHEDULE_INLINE Tensors transpose_batch_matmul(int64_t batch, int64_t seq, int64_t heads,
                                                   int64_t dim, DType in_dtype, DType out_dtype) {
  TensorRef query = placeholder(detail::sizes({batch, seq, heads, dim}), in_dtype, "query");
  TensorRef value = placeholder(detail::sizes({batch, seq, heads, dim}), in_dtype, "value");
  TensorRef query_t = compute(detail::sizes({batch, heads, seq, dim}),
                              [&](const Indices& i) { return at(query, {i[0], i[2], i[1], i[3]}); },
                              {.name = "query_T", .axes = {"b", "h", "l", "d"}});
  TensorRef value_t = compute(detail::sizes({batch, heads, dim, seq}),
                              [&](const Indices& i) { return at(value, {i[0], i[3], i[1], i[2]}); },
                              {.name = "value_T", .axes = {"b", "h", "d", "l"}});
  auto k = reduce_axis(i32(dim), "k");
  auto product = [&](const Indices& i) {
    return sum(detail::element(query_t, {i[0], i[1], i[2], k->var}, out_dtype) *
                   detail::element(value_t, {i[0], i[1], k->var, i[3]}, out_dtype),
               {k});
  };
  return {query, value,
          compute(detail::sizes({batch, heads, seq, seq}), product,
                  {.name = "C", .axes = {"b", "h", "i", "j"}})};
}

METASCHEDULE_INLINE Tensors norm_bmn(int64_t b, int64_t m, int64_t n) {
  TensorRef a = placeholder(detail::sizes({b, m, n}), kFloat32, "A");
  auto i = reduce_axis(i32(m), "i"), j = reduce_axis(i32(n), "j");
  TensorRef c = compute(detail::sizes({b}),
                        [&](const Indices& x) {
                          Expr e = at(a, {x[0], i->var, j->var});
                          return sum(e * e, {i, j});
                        },
                        {.name = "C", .axes = {"b"}});
  TensorRef d =
      compute(detail::sizes({b}), [&](const Indices& x) { return call_math("sqrt", at(c, x)); },
              {.name = "D", .axes = {"b"}});
  return {a, d};
}

METASCHEDULE_INLINE Tensors softmax_mn(int64_t m, int64_t n) {
  TensorRef a = placeholder(detail::sizes({m, n}), kFloat32, "A");
  return {a, softmax(a, 1)};
}

METASCHEDULE_INLINE Tensors matmul(int64_t n, int64_t m, int64_t k, DType in_dtype,
                                   DType out_dtype) {
  TensorRef a = placeholder(detail::sizes({n, k}), in_dtype, "A");
  TensorRef b = placeholder(detail::sizes({k, m}), in_dtype, "B");
  auto r = reduce_axis(i32(k), "k");
  auto value = [&](const Indices& i) {
    return sum(detail::element(a, {i[0], r->var}, out_dtype) *
                   detail::element(b, {r->var, i[1]}, out_dtype),
               {r});
  };
  return {a, b, compute(detail::sizes({n, m}), value, {.name = "C", .axes = {"i", "j"}})};
}
METASCHEDULE_INLINE Tensors matmul_relu(int64_t n, int64_t m, int64_t k, DType in_dtype,
                                        DType out_dtype) {
  Tensors product = matmul(n, m, k, in_dtype, out_dtype);
  return {product[0], product[1], relu(product[2])};
}

METASCHEDULE_INLINE Tensors conv2d_nchw(int64_t n, int64_t h, int64_t w, int64_t ci, int64_t co,
                                        int64_t kh, int64_t kw, const ConvOptions& o) {
  TensorRef data = placeholder(detail::sizes({n, ci, h, w}), o.in_dtype, "X");
  TensorRef filter = placeholder(detail::sizes({co, ci, kh, kw}), o.in_dtype, "W");
  Conv2dOptions options{.stride = {o.stride, o.stride},
                        .dilation = {o.dilation, o.dilation},
                        .padding = {o.padding, o.padding, o.padding, o.padding},
                        .out_dtype = o.out_dtype};
  return {data, filter, conv2d_nchw(data, filter, options)};
}

METASCHEDULE_INLINE Tensors conv2d_nchw_bias_bn_relu(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                     int64_t co, int64_t kh, int64_t kw,
                                                     const ConvOptions& o) {
  Tensors conv = conv2d_nchw(n, h, w, ci, co, kh, kw, o);
  const Exprs per_channel = detail::sizes({co, 1, 1});
  TensorRef bias = placeholder(per_channel, o.out_dtype, "bias");
  TensorRef scale = placeholder(per_channel, o.out_dtype, "bn_scale");
  TensorRef offset = placeholder(per_channel, o.out_dtype, "bn_offset");
  auto stage = [&](const char* name, const TensorRef& x, const TensorRef& y, Kind op) {
    return compute(
        x->shape,
        [&](const Indices& i) { return binary(op, at(x, i), at(y, {i[1], i32(0), i32(0)})); },
        {.name = name, .axes = {"i", "j", "k", "l"}});
  };
  TensorRef biased = stage("bias_add", conv[2], bias, Kind::Add);
  TensorRef scaled = stage("bn_mul", biased, scale, Kind::Mul);
  TensorRef shifted = stage("bn_add", scaled, offset, Kind::Add);
  return {conv[0], conv[1], bias, offset, scale, relu(shifted)};
}

METASCHEDULE_INLINE Tensors max_pool2d_nchw(int64_t n, int64_t h, int64_t w, int64_t ci,
                                            int64_t padding) {
  TensorRef x = placeholder(detail::sizes({n, ci, h, w}), kFloat32, "X");
  PoolOptions options{.kernel = {2, 2}, .padding = {padding, padding, padding, padding}};
  return {x, pool2d(x, options)};
}

namespace detail {
inline Tensors winograd_workload(const Exprs& data_shape, const Exprs& weight_shape,
                                 const ConvOptions& o, int64_t tile_size, ImageLayout layout,
                                 int64_t write_cache_level) {
  check<ValueError>(o.stride == 1 && o.dilation == 1,
                    "conv2d_winograd: expected a stride and dilation of 1, found {} and {}",
                    o.stride, o.dilation);
  TensorRef data = placeholder(data_shape, o.in_dtype, "inputs");
  TensorRef weight = placeholder(weight_shape, o.in_dtype, "weight");
  WinogradOptions options{.layout = layout,
                          .padding = {o.padding, o.padding, o.padding, o.padding},
                          .tile_size = tile_size,
                          .out_dtype = o.out_dtype,
                          .write_cache_level = write_cache_level};
  return {data, weight, conv2d_winograd(data, weight, options)};
}
}  // namespace detail

METASCHEDULE_INLINE Tensors conv2d_winograd_nhwc(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                 int64_t co, const ConvOptions& o,
                                                 int64_t tile_size) {
  return detail::winograd_workload(detail::sizes({n, h, w, ci}),
                                   detail::sizes({o.kernel, o.kernel, co, ci}), o, tile_size,
                                   ImageLayout::NHWC, 2);
}

METASCHEDULE_INLINE Tensors conv2d_winograd_nchw(int64_t n, int64_t h, int64_t w, int64_t ci,
                                                 int64_t co, const ConvOptions& o) {
  return detail::winograd_workload(detail::sizes({n, ci, h, w}),
                                   detail::sizes({o.kernel, o.kernel, ci, co}), o,
                                   h % 8 == 0 ? 4 : 2, ImageLayout::NCHW, 0);
}

}  // namespace metaschedule::te
