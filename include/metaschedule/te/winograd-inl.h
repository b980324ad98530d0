// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution: F(m x m, 3 x 3) as products over transformed tiles,
//   Y = A^T ((G g G^T) * (B^T d B)) A,
// with the interpolation points of the original's tables.
#pragma once

#include "metaschedule/te/topi-inl.h"

namespace metaschedule::te {

namespace detail {

using Matrix = std::vector<std::vector<double>>;

struct WinogradMatrices {
  Matrix a, b;  // by rows: tile + 2 of tile numbers, and of tile + 2
};

/// The transforms of a kernel of 3. Row i of `a` is 1, p, p^2, … for point i, the last one is for
/// the point at infinity; column i of `b` has the coefficients of the product of (x - p) over the
/// other points.
inline const WinogradMatrices& winograd_matrices(int64_t tile) {
  static const WinogradMatrices two{{{1, 0}, {1, -1}, {1, 1}, {0, 1}},
                                    {{1, 0, 0, 0}, {0, -1, 1, -1}, {-1, 1, 1, 0}, {0, 0, 0, 1}}};
  static const WinogradMatrices four{{{1, 0, 0, 0},
                                      {1, -1, 1, -1},
                                      {1, 1, 1, 1},
                                      {1, .5, .25, .125},
                                      {1, -2, 4, -8},
                                      {0, 0, 0, 1}},
                                     {{1, 0, 0, 0, 0, 0},
                                      {-1.5, 1, -1, -2, .5, 1},
                                      {-2, -2.5, .5, -1, -1, -1.5},
                                      {1.5, .5, 2.5, 2, -.5, -2},
                                      {1, 1, 1, 1, 1, 1.5},
                                      {0, 0, 0, 0, 0, 1}}};
  static const WinogradMatrices six{{{1, 0, 0, 0, 0, 0},
                                     {1, -1, 1, -1, 1, -1},
                                     {1, 1, 1, 1, 1, 1},
                                     {1, .5, .25, .125, .0625, .03125},
                                     {1, -.5, .25, -.125, .0625, -.03125},
                                     {1, 2, 4, 8, 16, 32},
                                     {1, -2, 4, -8, 16, -32},
                                     {0, 0, 0, 0, 0, 1}},
                                    {{1, 0, 0, 0, 0, 0, 0, 0},
                                     {0, -1, 1, 2, -2, .5, -.5, -1},
                                     {-5.25, 1, 1, 4, 4, .25, .25, 0},
                                     {0, 4.25, -4.25, -2.5, 2.5, -2.5, 2.5, 5.25},
                                     {5.25, -4.25, -4.25, -5, -5, -1.25, -1.25, 0},
                                     {0, -1, 1, .5, -.5, 2, -2, -5.25},
                                     {-1, 1, 1, 1, 1, 1, 1, 0},
                                     {0, 0, 0, 0, 0, 0, 0, 1}}};
  check<ValueError>(tile == 2 || tile == 4 || tile == 6,
                    "winograd: expected a tile size of 2, 4 or 6, found {}", tile);
  return tile == 2 ? two : tile == 4 ? four : six;
}

/// The transform of the kernel: evaluation at the points, divided by what the product of the other
/// factors is there; its sign is that of the column of `b`.
inline Matrix winograd_g(const WinogradMatrices& m) {
  const size_t points = m.a.size() - 1;
  Matrix g;
  for (size_t i = 0; i < points; ++i) {
    const double p = m.a[i][1];
    double scale = m.b[points - 1][i];
    for (size_t j = 0; j < points; ++j)
      if (j != i) scale /= p - m.a[j][1];
    g.push_back({scale, scale * p, scale * p * p});
  }
  g.push_back({0, 0, 1});
  return g;
}

/// A constant matrix as a tensor that chooses among its entries.
inline TensorRef const_matrix(const Matrix& matrix, const char* name, DType dtype) {
  const auto rows = static_cast<int64_t>(matrix.size());
  const auto columns = static_cast<int64_t>(matrix[0].size());
  auto entry = [&](const Indices& i) {
    Expr out = make_zero(dtype);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        Expr here =
            logical_and(eq(floormod(i[0], rows), i32(r)), eq(floormod(i[1], columns), i32(c)));
        const double value = matrix[static_cast<size_t>(r)][static_cast<size_t>(c)];
        out = select(here, make_const(dtype, value), out);
      }
    }
    return out;
  };
  return compute(sizes({rows, columns}), entry,
                 {.name = name,
                  .attrs = Dict{{"const_matrix", true_()}, {"schedule_rule", make<String>("None")}},
                  .axes = {"i", "j"}});
}

class Winograd {
 public:
  Winograd(const TensorRef& data, const TensorRef& weight, const WinogradOptions& options)
      : o_(options),
        nhwc_(options.layout == ImageLayout::NHWC),
        m_(options.tile_size),
        matrices_(winograd_matrices(options.tile_size)),
        data_(data),
        weight_(weight) {
    check<ValueError>(data->shape.size() == 4 && weight->shape.size() == 4,
                      "conv2d_winograd: expected tensors of 4 dimensions");
    for (size_t d : side_dims()) {
      const std::optional<int64_t> side = as_const_int(weight->shape[d]);
      check<ValueError>(side == (o_.pre_computed ? m_ + 2 : 3),
                        "conv2d_winograd: expected weights of {0} x {0}, found {1}",
                        o_.pre_computed ? m_ + 2 : 3, side.value_or(-1));
    }
  }

  TensorRef run() {
    pad_image();
    TensorRef tiles = input_tiles(), b = const_matrix(matrices_.b, "B", data_->dtype);
    TensorRef packed =
        transform(tiles, b, "data_pack", data_pack_rule(), data_pack_shape(),
                  nhwc_ ? Names{"eps", "nu", "p", "ci"} : Names{"eps", "nu", "ci", "p"});
    TensorRef product = multiply(packed, o_.pre_computed ? weight_ : pack_kernel());
    TensorRef a = const_matrix(matrices_.a, "A", data_->dtype);
    TensorRef inverse =
        transform(product, a, "inverse", inverse_rule(), inverse_shape(),
                  nhwc_ ? Names{"vh", "vw", "p", "co"} : Names{"co", "p", "vh", "vw"});
    return output(inverse);
  }

 private:
  using Names = std::vector<std::string>;

  std::array<size_t, 2> side_dims() const {
    if (o_.pre_computed || nhwc_) return {0, 1};
    return {2, 3};
  }
  static Dict rule(const std::string& name) { return Dict{{"schedule_rule", make<String>(name)}}; }
  Dict data_pack_rule() const {
    return rule(nhwc_ ? "conv2d_nhwc_winograd_data_pack" : "conv2d_nchw_winograd_data_pack");
  }
  Dict inverse_rule() const {
    return rule(nhwc_ ? "conv2d_nhwc_winograd_inverse" : "conv2d_nchw_winograd_inverse");
  }

  void pad_image() {
    auto [top, left, bottom, right] = o_.padding;
    n_ = data_->shape[0];
    const Expr &h = data_->shape[nhwc_ ? 1 : 2], &w = data_->shape[nhwc_ ? 2 : 3];
    ci_ = data_->shape[nhwc_ ? 3 : 1];
    const size_t co = o_.pre_computed ? (nhwc_ ? 2 : 3) : (nhwc_ ? 3 : 0);
    co_ = weight_->shape[co];
    out_h_ = windows(h, i32(3), top + bottom, 1, 1);
    out_w_ = windows(w, i32(3), left + right, 1, 1);
    tiles_h_ = simple(floordiv(out_h_ + (m_ - 1), m_));
    tiles_w_ = simple(floordiv(out_w_ + (m_ - 1), m_));
    tiles_ = simple(n_ * tiles_h_ * tiles_w_);
    // The last tiles may reach beyond the image.
    Expr more_h = simple(tiles_h_ * m_ - out_h_ + bottom),
         more_w = simple(tiles_w_ * m_ - out_w_ + right);
    if (nhwc_) {
      padded_ =
          pad(data_, sizes({0, top, left, 0}), std::vector<Expr>{i32(0), more_h, more_w, i32(0)},
              {.name = "data_pad", .attrs = rule("None")});
    } else {
      padded_ = pad(data_, sizes({0, 0, top, left}),
                    std::vector<Expr>{i32(0), i32(0), more_h, more_w}, {.name = "data_pad"});
    }
  }

  TensorRef input_tiles() const {
    const Expr alpha = i32(m_ + 2);
    auto value = [&](const Indices& i) {
      const Expr &p = i[nhwc_ ? 2 : 1], &c = i[nhwc_ ? 3 : 0];
      const Expr &eps = i[nhwc_ ? 0 : 2], &nu = i[nhwc_ ? 1 : 3];
      Expr n = floordiv(p, tiles_h_ * tiles_w_);
      Expr y = floormod(floordiv(p, tiles_w_), tiles_h_) * m_ + eps;
      Expr x = floormod(p, tiles_w_) * m_ + nu;
      return nhwc_ ? at(padded_, {n, y, x, c}) : at(padded_, {n, c, y, x});
    };
    if (nhwc_) {
      return compute(
          std::vector<Expr>{alpha, alpha, tiles_, ci_}, value,
          {.name = "input_tile", .attrs = rule("None"), .axes = {"eps", "nu", "p", "ci"}});
    }
    return compute(std::vector<Expr>{ci_, tiles_, alpha, alpha}, value,
                   {.name = "input_tile", .axes = {"c", "p", "eps", "nu"}});
  }

  Exprs data_pack_shape() const {
    const Expr alpha = i32(m_ + 2);
    if (nhwc_) return std::vector<Expr>{alpha, alpha, tiles_, ci_};
    return std::vector<Expr>{alpha, alpha, ci_, tiles_};
  }
  Exprs inverse_shape() const {
    if (nhwc_) return std::vector<Expr>{i32(m_), i32(m_), tiles_, co_};
    return std::vector<Expr>{co_, tiles_, i32(m_), i32(m_)};
  }

  /// The sum over r_a and r_b of a tile at (r_a, r_b) by matrix[r_a, u] and matrix[r_b, v], for the
  /// tiles of the image (NCHW has their sides last) or those of the product.
  TensorRef transform(const TensorRef& x, const TensorRef& matrix, const char* name,
                      const Dict& attrs, const Exprs& shape, const Names& axes) const {
    const bool of_image = axes[0] == "eps";
    auto r_a = reduce_axis(i32(m_ + 2), "r_a"), r_b = reduce_axis(i32(m_ + 2), "r_b");
    auto value = [&](const Indices& i) {
      Indices from;
      Expr u = i[0], v = i[1];
      if (nhwc_) {
        from = {r_a->var, r_b->var, i[2], i[3]};
      } else if (of_image) {
        from = {i[2], i[3], r_a->var, r_b->var};
      } else {
        from = {r_a->var, r_b->var, i[0], i[1]};
        u = i[2], v = i[3];
      }
      return sum(at(x, from) * at(matrix, {r_a->var, u}) * at(matrix, {r_b->var, v}), {r_a, r_b});
    };
    return compute(shape, value, {.name = name, .attrs = attrs, .axes = axes});
  }

  TensorRef pack_kernel() const {
    TensorRef g = const_matrix(winograd_g(matrices_), "G", data_->dtype);
    auto r_kh = reduce_axis(i32(3), "r_kh"), r_kw = reduce_axis(i32(3), "r_kw");
    auto value = [&](const Indices& i) {
      Expr w = nhwc_ ? at(weight_, {r_kh->var, r_kw->var, i[3], i[2]})
                     : at(weight_, {i[3], i[2], r_kh->var, r_kw->var});
      return sum(w * at(g, {i[0], r_kh->var}) * at(g, {i[1], r_kw->var}), {r_kh, r_kw});
    };
    const Expr alpha = i32(m_ + 2);
    if (nhwc_) {
      return compute(std::vector<Expr>{alpha, alpha, co_, ci_}, value,
                     {.name = "kernel_pack", .axes = {"eps", "nu", "co", "ci"}});
    }
    return compute(std::vector<Expr>{alpha, alpha, ci_, co_}, value,
                   {.name = "kernel_pack", .axes = {"eps", "nu", "ci", "co"}});
  }

  TensorRef multiply(const TensorRef& packed, const TensorRef& kernel) const {
    auto ci = reduce_axis(ci_, "ci");
    Dict attrs;
    if (o_.write_cache_level > 0) {
      attrs = attrs.with("meta_schedule.write_cache_level",
                         make<Array>(List<Node>({i32(o_.write_cache_level)})));
    }
    if (o_.pre_computed) {
      attrs = attrs.with("layout_free_placeholders", make<Array>(List<Node>({Ref<Node>(kernel)})));
    }
    const Expr alpha = i32(m_ + 2);
    if (nhwc_) {
      auto value = [&](const Indices& i) {
        return sum(
            at(packed, {i[0], i[1], i[2], ci->var}) * at(kernel, {i[0], i[1], i[3], ci->var}),
            {ci});
      };
      return compute(std::vector<Expr>{alpha, alpha, tiles_, co_}, value,
                     {.name = "bgemm", .attrs = attrs, .axes = {"eps", "nu", "p", "co"}});
    }
    auto value = [&](const Indices& i) {
      return sum(at(packed, {i[0], i[1], ci->var, i[3]}) * at(kernel, {i[0], i[1], ci->var, i[2]}),
                 {ci});
    };
    return compute(std::vector<Expr>{alpha, alpha, co_, tiles_}, value,
                   {.name = "bgemm", .attrs = attrs, .axes = {"eps", "nu", "co", "p"}});
  }

  TensorRef output(const TensorRef& inverse) const {
    auto value = [&](const Indices& i) {
      const Expr &h = i[nhwc_ ? 1 : 2], &w = i[nhwc_ ? 2 : 3], &co = i[nhwc_ ? 3 : 1];
      Expr p = i[0] * tiles_h_ * tiles_w_ + floordiv(h, m_) * tiles_w_ + floordiv(w, m_);
      Expr y = floormod(h, m_), x = floormod(w, m_);
      return nhwc_ ? at(inverse, {y, x, p, co}) : at(inverse, {co, p, y, x});
    };
    if (nhwc_) {
      return compute(std::vector<Expr>{n_, out_h_, out_w_, co_}, value,
                     {.name = "conv2d_winograd",
                      .tag = "conv2d_winograd_nhwc",
                      .axes = {"n", "h", "w", "co"}});
    }
    return compute(
        std::vector<Expr>{n_, co_, out_h_, out_w_}, value,
        {.name = "conv2d_winograd", .tag = "conv2d_winograd_nchw", .axes = {"n", "co", "h", "w"}});
  }

  const WinogradOptions& o_;
  const bool nhwc_;
  const int64_t m_;
  const WinogradMatrices& matrices_;
  const TensorRef &data_, &weight_;
  TensorRef padded_;
  Expr n_, ci_, co_, out_h_, out_w_, tiles_h_, tiles_w_, tiles_;
};

}  // namespace detail

METASCHEDULE_INLINE TensorRef conv2d_winograd(const TensorRef& data, const TensorRef& weight,
                                              const WinogradOptions& options) {
  return detail::Winograd(data, weight, options).run();
}

}  // namespace metaschedule::te
