// SPDX-License-Identifier: Apache-2.0
// Elementary functions against the C library in a wider type, in units in the last place.
#include <cmath>
#include <limits>

#include "codegen_testing.h"

namespace metaschedule {
namespace {

using runtime::Tensor;

double ulps(float found, double expected) {
  float nearest = static_cast<float>(expected);
  if (std::isnan(expected)) return std::isnan(found) ? 0 : 1e30;
  if (std::isinf(nearest) || std::isinf(found)) return found == nearest ? 0 : 1e30;
  float next = std::nextafter(std::fabs(nearest), std::numeric_limits<float>::infinity());
  double unit = static_cast<double>(next) - std::fabs(static_cast<double>(nearest));
  return std::fabs(static_cast<double>(found) - expected) / unit;
}

struct Case {
  const char* name;
  double (*reference)(double);
  double low, high;
  double limit;
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double exp10_of(double x) { return std::pow(10.0, x); }
double rsqrt(double x) { return 1 / std::sqrt(x); }

const Case kCases[] = {
    {"exp", std::exp, -104, 89, 2},      {"exp2", std::exp2, -149, 128.5, 2},
    {"exp10", exp10_of, -45, 38.6, 2},   {"log", std::log, 0, 100, 2},
    {"log2", std::log2, 0, 100, 2},      {"log10", std::log10, 0, 100, 2},
    {"log1p", std::log1p, -1, 100, 2.5}, {"tanh", std::tanh, -10, 10, 2},
    {"erf", std::erf, -5, 5, 2.5},       {"sigmoid", sigmoid, -80, 80, 2.5},
    {"sin", std::sin, -1000, 1000, 1},   {"cos", std::cos, -1000, 1000, 1},
    {"tan", std::tan, -100, 100, 1},     {"asin", std::asin, -1, 1, 1},
    {"acos", std::acos, -1, 1, 1},       {"atan", std::atan, -50, 50, 1},
    {"sinh", std::sinh, -89, 89, 1},     {"cosh", std::cosh, -89, 89, 1},
    {"asinh", std::asinh, -1e4, 1e4, 1}, {"acosh", std::acosh, 1, 1e4, 1},
    {"atanh", std::atanh, -1, 1, 1},     {"sqrt", std::sqrt, 0, 1e6, 0.51},
    {"rsqrt", rsqrt, 1e-6, 1e6, 1.6},    {"floor", std::floor, -9, 9, 0},
    {"ceil", std::ceil, -9, 9, 0},       {"trunc", std::trunc, -9, 9, 0},
    {"round", std::round, -9, 9, 0},     {"nearbyint", std::nearbyint, -9, 9, 0},
};

class MathOp : public testing::TestWithParam<Case> {};

TEST_P(MathOp, StaysWithinItsErrorInScalarsAndVectors) {
  const Case& c = GetParam();
  constexpr int64_t kCount = 1 << 16;
  BufferRef a = decl_buffer({i32(kCount)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(kCount)}, kFloat32, "B");
  std::vector<double> special = {0.0, -0.0,  1.0,    -1.0,   0.5,     2.0,   INFINITY, -INFINITY,
                                 NAN, 1e-40, -1e-40, 3.4e38, -3.4e38, 88.72, -87.4,    -103.0};
  Tensor input = Tensor::empty(kFloat32, {kCount});
  Tensor output = Tensor::empty(kFloat32, {kCount});
  float* in = data_of<float>(input);
  for (int64_t i = 0; i < kCount; ++i)
    in[i] = static_cast<float>(c.low + (c.high - c.low) * (static_cast<double>(i) + 0.37) / kCount);
  for (int64_t i = 0; i < kCount / 4; ++i)  // and near zero, in steps that multiply
    in[i] = static_cast<float>(std::exp2(-30.0 + 30.0 * static_cast<double>(i) / (kCount / 4)) *
                               (c.low < 0 && i % 2 ? -1 : 1));
  for (size_t i = 0; i < special.size(); ++i) in[i * 3] = static_cast<float>(special[i]);
  for (int lanes : {1, 16}) {
    Stmt body = loop(kCount / lanes, ForKind::Serial, [&](const VarRef& i) -> Stmt {
      Expr index = lanes == 1 ? Expr(i) : Expr(make<Ramp>(i * lanes, i32(1), i32(lanes)));
      Expr value = make<BufferLoad>(a, Exprs{index});
      return make<BufferStore>(b, call(value->dtype, c.name, {value}), Exprs{index});
    });
    build(func_of({a, b}, body)).call("main", {input, output});
    const float* out = data_of<float>(output);
    double worst = 0, at = 0;
    for (int64_t i = 0; i < kCount; ++i) {
      bool is_exact_far_out = std::string(c.name) != "sin" && std::string(c.name) != "cos" &&
                              std::string(c.name) != "tan";
      if (!is_exact_far_out && std::fabs(in[i]) > 4e9f && std::isfinite(in[i])) continue;
      double error = ulps(out[i], c.reference(static_cast<double>(in[i])));
      if (error > worst) worst = error, at = in[i];
    }
    EXPECT_LE(worst, c.limit) << c.name << "(" << at << ") with " << lanes << " lanes";
  }
}

INSTANTIATE_TEST_SUITE_P(All, MathOp, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(MathOp, PowAtan2AndTheirKindTakeTwoArguments) {
  struct Two {
    const char* name;
    double (*reference)(double, double);
  };
  for (const Two& c : {Two{"pow", std::pow}, Two{"atan2", std::atan2}, Two{"hypot", std::hypot},
                       Two{"fmod", std::fmod}, Two{"copysign", std::copysign}}) {
    std::vector<float> values = {-3, -2.5, -1,    -0.5, -0.0f,    0,        0.3f,
                                 1,  2,    7.25f, 20,   INFINITY, -INFINITY};
    int64_t n = static_cast<int64_t>(values.size() * values.size());
    BufferRef x = decl_buffer({i32(n)}, kFloat32, "X");
    BufferRef y = decl_buffer({i32(n)}, kFloat32, "Y");
    BufferRef z = decl_buffer({i32(n)}, kFloat32, "Z");
    Tensor tx = Tensor::empty(kFloat32, {n}), ty = Tensor::empty(kFloat32, {n}),
           tz = Tensor::empty(kFloat32, {n});
    for (int64_t i = 0; i < n; ++i) {
      data_of<float>(tx)[i] = values[static_cast<size_t>(i) / values.size()];
      data_of<float>(ty)[i] = values[static_cast<size_t>(i) % values.size()];
    }
    Stmt body = loop(n, ForKind::Serial, [&](const VarRef& i) -> Stmt {
      Expr value = call(kFloat32, c.name, {load(x, {i}), load(y, {i})});
      return make<BufferStore>(z, value, Exprs{i});
    });
    build(func_of({x, y, z}, body)).call("main", {tx, ty, tz});
    for (int64_t i = 0; i < n; ++i) {
      float a = data_of<float>(tx)[i], b = data_of<float>(ty)[i];
      if (std::string(c.name) == "pow" && a == -1 && std::isinf(b)) continue;  // NaN here, 1 in C
      EXPECT_LE(ulps(data_of<float>(tz)[i], c.reference(a, b)), 1.0)
          << c.name << "(" << a << ", " << b << ") = " << data_of<float>(tz)[i];
    }
  }
}

TEST(MathOp, DoublePrecisionIsTheCLibrarysOrAsGood) {
  constexpr int64_t kCount = 4096;
  BufferRef a = decl_buffer({i32(kCount)}, DType::float_(64), "A");
  BufferRef b = decl_buffer({i32(kCount)}, DType::float_(64), "B");
  Tensor input = Tensor::empty(DType::float_(64), {kCount});
  Tensor output = Tensor::empty(DType::float_(64), {kCount});
  for (int64_t i = 0; i < kCount; ++i)
    data_of<double>(input)[i] = 0.01 + 0.005 * static_cast<double>(i);
  using Function = double (*)(double);
  for (auto [name, reference] :
       std::initializer_list<std::pair<const char*, Function>>{{"exp", std::exp},
                                                               {"log", std::log},
                                                               {"sin", std::sin},
                                                               {"cos", std::cos},
                                                               {"atan", std::atan},
                                                               {"tanh", std::tanh},
                                                               {"erf", std::erf},
                                                               {"sqrt", std::sqrt}}) {
    Stmt body = loop(kCount / 4, ForKind::Serial, [&, op = name](const VarRef& i) -> Stmt {
      Expr index = make<Ramp>(i * 4, i32(1), i32(4));
      Expr value = make<BufferLoad>(a, Exprs{index});
      return make<BufferStore>(b, call(value->dtype, op, {value}), Exprs{index});
    });
    build(func_of({a, b}, body)).call("main", {input, output});
    for (int64_t i = 0; i < kCount; ++i) {
      double expected = reference(data_of<double>(input)[i]);
      EXPECT_NEAR(data_of<double>(output)[i], expected, std::fabs(expected) * 6e-16 + 3e-16)
          << name << "(" << data_of<double>(input)[i] << ")";
    }
  }
}

}  // namespace
}  // namespace metaschedule
