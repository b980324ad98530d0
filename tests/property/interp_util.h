// SPDX-License-Identifier: Apache-2.0
// For tests that compare programs by what they compute: random arguments, a run by the interpreter,
// and the rule by which results count as equal.
#pragma once

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "metaschedule/interp/interpreter.h"
#include "metaschedule/interp/value.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::testing {

/// A tensor of the test: compact, row-major, unless the parameter declares strides.
struct TestTensor {
  DType dtype;
  std::vector<int64_t> shape;
  std::vector<uint8_t> data;
  std::vector<int64_t> strides = {};

  /// Elements in memory, those between the rows included.
  int64_t size() const {
    if (!strides.empty()) {
      int64_t last = 0;
      for (size_t d = 0; d < shape.size(); ++d) last += (shape[d] - 1) * strides[d];
      return (last + 1) * std::max<int>(1, dtype.lanes);
    }
    int64_t n = std::max<int>(1, dtype.lanes);
    for (int64_t s : shape) n *= s;
    return n;
  }
  interp::NDArrayView view() { return {data.data(), dtype, shape, strides}; }
  /// Element `i` as a double.
  double at(int64_t i) const {
    const DType e = dtype.element();
    const interp::Value v = interp::loader(e)(data.data() + i * e.bytes());
    return e.is_floating() ? v.f : static_cast<double>(v.i);
  }
};
using TestTensors = std::vector<TestTensor>;

inline std::vector<interp::NDArrayView> views(TestTensors& tensors) {
  std::vector<interp::NDArrayView> out;
  for (TestTensor& t : tensors) out.push_back(t.view());
  return out;
}

/// Arguments for every parameter, outputs included: small integers ([-4, 4], [0, 8] where
/// unsigned), so that sums and products of floats are exact. With `fractions` floats lie in
/// [0.1, 1.1). Symbolic sizes and scalar parameters take their value from `sizes` by name, 7 unless
/// it is there.
inline TestTensors random_arguments(const PrimFunc& func, uint64_t seed, bool fractions = false,
                                    const std::map<std::string, int64_t>& sizes = {}) {
  std::mt19937_64 random(seed);
  auto number = [&](const Expr& e) -> int64_t {
    if (auto c = as_const_int(e)) return *c;
    const Var* v = as<Var>(e);
    if (v && sizes.count(v->name)) return sizes.at(v->name);
    return 7;
  };
  TestTensors out;
  for (const VarRef& param : func.params) {
    TestTensor t;
    BufferRef buffer = func.buffer_of(param);
    t.dtype = buffer ? buffer->dtype : param->dtype;
    if (buffer) {
      for (const Expr& s : buffer->shape) t.shape.push_back(number(s));
      // Strides that are variables are those of a compact tensor.
      int64_t compact = 1;
      if (buffer->has_strides()) t.strides.resize(buffer->ndim());
      for (size_t d = t.strides.size(); d-- > 0; compact *= t.shape[d])
        t.strides[d] = as_const_int(buffer->strides[d]).value_or(compact);
    }
    const DType e = t.dtype.element();
    t.data.resize(t.size() * e.bytes());
    for (int64_t i = 0; i < t.size(); ++i) {
      interp::Value v;
      if (!buffer) {
        v = e.is_floating() ? interp::of_float(static_cast<double>(number(param)))
                            : interp::of_int(number(param));
      } else if (e.is_floating()) {
        v = interp::of_float(
            fractions ? interp::round_to(0.1 + static_cast<double>(random() % 10000) / 10000, e)
                      : static_cast<double>(static_cast<int64_t>(random() % 9) - 4));
      } else if (e.is_bool()) {
        v = interp::of_int(random() % 2);
      } else {
        v = interp::of_int(static_cast<int64_t>(random() % 9) - (e.is_uint() ? 0 : 4));
      }
      interp::storer(e)(t.data.data() + i * e.bytes(), v);
    }
    out.push_back(std::move(t));
  }
  return out;
}

/// True when some operation of the program rounds even on small integers.
inline bool rounds(const PrimFunc& func) {
  static const std::set<std::string> exact = {
      "tir.if_then_else", "tir.likely",     "tir.bitwise_and", "tir.bitwise_or", "tir.bitwise_xor",
      "tir.bitwise_not",  "tir.shift_left", "tir.shift_right", "tir.popcount",   "tir.clz",
      "tir.reinterpret",  "tir.fabs",       "tir.floor",       "tir.ceil",       "tir.trunc",
      "tir.round",        "tir.nearbyint"};
  return any_node(*func.body, [](const Node& n) {
    if (const Call* call = as<Call>(&n)) {
      const Op* op = as<Op>(call->op);
      return call->dtype.is_floating() && !(op && exact.count(op->name));
    }
    if (const FloatImm* imm = as<FloatImm>(&n)) return imm->value != std::trunc(imm->value);
    return n.kind == Kind::Div && static_cast<const Div&>(n).dtype.is_floating();
  });
}

/// Where results differ, in words; empty when they are equal. Bit for bit unless `inexact`; then
/// |a - b| <= 8 eps sqrt(reduction) max|expected|.
inline std::string difference(const TestTensors& expected, const TestTensors& found, bool inexact,
                              double reduction = 1024) {
  for (size_t t = 0; t < expected.size(); ++t) {
    const TestTensor &a = expected[t], &b = found[t];
    if (a.data == b.data) continue;
    const DType e = a.dtype.element();
    double largest = 0, eps = 0;
    if (inexact && e.is_floating()) {
      for (int64_t i = 0; i < a.size(); ++i)
        if (std::isfinite(a.at(i))) largest = std::max(largest, std::abs(a.at(i)));
      eps = e.bits == 64                   ? 0x1p-53
            : e.bits == 32                 ? 0x1p-24
            : e.is_float() && e.bits == 16 ? 0x1p-11
                                           : 0x1p-8;
    }
    const double tolerance = 8 * eps * std::sqrt(reduction) * largest;
    for (int64_t i = 0; i < a.size(); ++i) {
      const double x = a.at(i), y = b.at(i);
      if (x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= tolerance) continue;
      return fmt::format("argument {}, element {}: expected {}, found {}", t, i, x, y);
    }
  }
  return {};
}

/// Runs both functions on the same random arguments. What differs, in words; empty: nothing.
inline std::string compare_programs(const PrimFunc& expected, const PrimFunc& found, uint64_t seed,
                                    const interp::RunOptions& options_found = {},
                                    const std::map<std::string, int64_t>& sizes = {}) {
  const bool inexact = rounds(expected);
  TestTensors a = random_arguments(expected, seed, inexact, sizes), b = a;
  interp::run(expected, views(a));
  interp::run(found, views(b), options_found);
  return difference(a, b, inexact);
}

}  // namespace metaschedule::testing
