// SPDX-License-Identifier: Apache-2.0
// The operators of topi.h but for Winograd's convolution.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/support/config.h"
#include "metaschedule/te/topi.h"

namespace metaschedule::te {

namespace detail {

inline Exprs sizes(std::initializer_list<int64_t> values) {
  std::vector<Expr> out;
  for (int64_t v : values) out.push_back(i32(v));
  return out;
}
inline Expr simple(const Expr& e) { return arith::Analyzer().simplify(e); }

inline Expr element(const TensorRef& tensor, const Indices& indices, DType dtype) {
  return cast(dtype, at(tensor, indices));
}

/// How many windows of `kernel` elements, `dilation` apart, fit into a size.
inline Expr windows(const Expr& size, const Expr& kernel, int64_t border, int64_t stride,
                    int64_t dilation) {
  Expr reach = (kernel - 1) * dilation + 1;
  return simple(floordiv(size - reach + border, stride) + 1);
}

}  // namespace detail

METASCHEDULE_INLINE TensorRef pad(const TensorRef& data, const Exprs& before, const Exprs& after,
                                  const PadOptions& options) {
  const size_t dims = data->shape.size();
  check<ValueError>(before.size() == dims && after.size() == dims,
                    "pad: the tensor has {} dimensions, found {} and {} sizes of borders", dims,
                    before.size(), after.size());
  std::vector<Expr> shape;
  for (size_t d = 0; d < dims; ++d)
    shape.push_back(detail::simple(before[d] + data->shape[d] + after[d]));
  Expr border = options.value ? cast(data->dtype, options.value) : make_zero(data->dtype);
  auto element = [&](const Indices& i) {
    Indices inner;
    Expr inside;
    auto both = [&](const Expr& condition) {
      inside = inside ? logical_and(inside, condition) : condition;
    };
    for (size_t d = 0; d < dims; ++d) {
      if (is_zero(before[d]) && is_zero(after[d])) {
        inner.push_back(i[d]);
        continue;
      }
      inner.push_back(i[d] - before[d]);
      both(ge(i[d], before[d]));
      both(lt(i[d], data->shape[d] + before[d]));
    }
    Expr value = at(data, inner);
    return inside ? if_then_else(inside, value, border) : value;
  };
  return compute(
      shape, element,
      {.name = options.name, .tag = options.tag, .attrs = options.attrs, .axes = options.axes});
}

METASCHEDULE_INLINE TensorRef relu(const TensorRef& x) {
  return compute(x->shape,
                 [&](const Indices& i) { return metaschedule::max(at(x, i), make_zero(x->dtype)); },
                 {.name = "compute", .tag = "elemwise"});
}

METASCHEDULE_INLINE TensorRef softmax(const TensorRef& x, int axis) {
  const int dims = static_cast<int>(x->shape.size());
  check<ValueError>(axis >= -dims && axis < dims,
                    "softmax: a tensor of {} dimensions has no axis {}", dims, axis);
  const auto along = static_cast<size_t>(axis < 0 ? axis + dims : axis);
  const Expr& length = x->shape[along];
  std::vector<Expr> rest;
  for (size_t d = 0; d < x->shape.size(); ++d)
    if (d != along) rest.push_back(x->shape[d]);
  auto with = [&](Indices i, const Expr& k) {
    i.insert(i.begin() + static_cast<std::ptrdiff_t>(along), k);
    return i;
  };
  auto without = [&](Indices i) {
    i.erase(i.begin() + static_cast<std::ptrdiff_t>(along));
    return i;
  };
  auto over = [&](const TensorRef& t, Expr (*f)(const Expr&, const List<IterVar>&),
                  const char* name) {
    auto k = reduce_axis(length, "k");
    return compute(rest, [&](const Indices& i) { return f(at(t, with(i, k->var)), {k}); },
                   {.name = name});
  };
  TensorRef largest = over(x, max, "T_softmax_maxelem");
  TensorRef powers = compute(
      x->shape,
      [&](const Indices& i) { return call_math("exp", at(x, i) - at(largest, without(i))); },
      {.name = "T_softmax_exp"});
  TensorRef total = over(powers, sum, "T_softmax_expsum");
  return compute(x->shape,
                 [&](const Indices& i) { return div(at(powers, i), at(total, without(i))); },
                 {.name = "T_softmax_norm",
                  .tag = "softmax_output",
                  .attrs = Dict{{"axis", i32(static_cast<int64_t>(along))}}});
}

METASCHEDULE_INLINE TensorRef conv2d_nchw(const TensorRef& data, const TensorRef& filter,
                                          const Conv2dOptions& o) {
  check<ValueError>(data->shape.size() == 4 && filter->shape.size() == 4,
                    "conv2d_nchw: expected tensors of 4 dimensions");
  auto [top, left, bottom, right] = o.padding;
  const Expr &kh = filter->shape[2], &kw = filter->shape[3];
  Exprs shape = std::vector<Expr>{
      data->shape[0], filter->shape[0],
      detail::windows(data->shape[2], kh, top + bottom, o.stride[0], o.dilation[0]),
      detail::windows(data->shape[3], kw, left + right, o.stride[1], o.dilation[1])};
  TensorRef padded = pad(data, detail::sizes({0, 0, top, left}),
                         detail::sizes({0, 0, bottom, right}), {.name = "pad_temp"});
  auto rc = reduce_axis(data->shape[1], "rc"), ry = reduce_axis(kh, "ry"),
       rx = reduce_axis(kw, "rx");
  auto value = [&](const Indices& i) {
    Indices from = {i[0], rc->var, i[2] * o.stride[0] + Expr(ry->var) * o.dilation[0],
                    i[3] * o.stride[1] + Expr(rx->var) * o.dilation[1]};
    return sum(detail::element(padded, from, o.out_dtype) *
                   detail::element(filter, {i[1], rc->var, ry->var, rx->var}, o.out_dtype),
               {rc, ry, rx});
  };
  return compute(shape, value,
                 {.name = "conv2d_nchw", .tag = "conv2d_nchw", .axes = {"nn", "ff", "yy", "xx"}});
}

METASCHEDULE_INLINE TensorRef pool2d(const TensorRef& x, const PoolOptions& o) {
  check<ValueError>(x->shape.size() == 4, "pool2d: expected a tensor of 4 dimensions, found {}",
                    x->shape.size());
  check<ValueError>(o.layout == "NCHW" || o.layout == "NHWC",
                    "pool2d: expected the layout NCHW or NHWC, found {}", o.layout);
  const std::array<size_t, 2> image =
      o.layout == "NCHW" ? std::array<size_t, 2>{2, 3} : std::array<size_t, 2>{1, 2};
  std::vector<Expr> shape = x->shape.vec(), before(4, i32(0)), after(4, i32(0));
  std::vector<Ref<IterVar>> window;
  bool pads = false;
  for (size_t k = 0; k < 2; ++k) {
    const int64_t head = o.padding[k],
                  tail = o.padding[k + 2] + (o.ceil_mode ? o.stride[k] - 1 : 0);
    before[image[k]] = i32(head);
    after[image[k]] = i32(tail);
    pads = pads || head != 0 || tail != 0;
    shape[image[k]] = detail::windows(x->shape[image[k]], i32(o.kernel[k]), head + tail,
                                      o.stride[k], o.dilation[k]);
    window.push_back(reduce_axis(i32(o.kernel[k]), fmt::format("rv{}", k)));
  }
  const std::vector<std::string> axes = {"ax0", "ax1", "ax2", "ax3"};
  const bool is_max = o.type == PoolType::Max;
  TensorRef padded = x;
  if (pads) {
    Expr border = is_max ? min_value(x->dtype) : make_zero(x->dtype);
    padded = pad(x, before, after, {.value = border, .name = "pad_temp", .axes = axes});
  }
  auto in_window = [&](const Indices& i) {
    Indices from = i;
    for (size_t k = 0; k < 2; ++k)
      from[image[k]] = i[image[k]] * o.stride[k] + Expr(window[k]->var) * o.dilation[k];
    return at(padded, from);
  };
  auto attrs = [](const char* rule) { return Dict{{"schedule_rule", make<String>(rule)}}; };
  const List<IterVar> reduced(window);
  if (is_max) {
    return compute(shape, [&](const Indices& i) { return max(in_window(i), reduced); },
                   {.name = "pool_max",
                    .tag = "pool_max",
                    .attrs = attrs("meta_schedule.pool_max"),
                    .axes = axes});
  }
  TensorRef total = compute(shape, [&](const Indices& i) { return sum(in_window(i), reduced); },
                            {.name = "pool_sum", .tag = "pool_sum", .axes = axes});
  auto average = [&](const Indices& i) {
    Expr count;
    for (size_t k = 0; k < 2; ++k) {
      const Expr& size = x->shape[image[k]];
      Expr start = i[image[k]] * o.stride[k] - o.padding[k];
      Expr end = start + (o.kernel[k] - 1) * o.dilation[k] + 1;
      if (o.count_include_pad) {
        end = metaschedule::min(end, size + o.padding[k + 2]);
      } else {
        end = metaschedule::min(end, size);
        start = metaschedule::max(start, make_zero(start->dtype));
      }
      Expr extent = end - start;
      if (o.dilation[k] > 1) extent = ceildiv(extent, i32(o.dilation[k]));
      count = count ? count * extent : extent;
    }
    if (!o.count_include_pad) count = metaschedule::max(count, i32(1));
    return div(at(total, i), cast(x->dtype, count));
  };
  return compute(shape, average,
                 {.name = "pool_avg",
                  .tag = "elemwise",
                  .attrs = attrs("meta_schedule.pool_avg"),
                  .axes = axes});
}

}  // namespace metaschedule::te
