// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: intrinsics. Mathematical functions are computed in double and rounded.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>

#include "metaschedule/interp/scalar_ops.h"

namespace metaschedule::interp::detail {

using Unary = double (*)(double);
using Binary = double (*)(double, double);

inline Unary unary_function(std::string_view name) {
  static const std::unordered_map<std::string_view, Unary> table = {
      {"exp", [](double x) { return std::exp(x); }},
      {"exp2", [](double x) { return std::exp2(x); }},
      {"exp10", [](double x) { return std::pow(10.0, x); }},
      {"log", [](double x) { return std::log(x); }},
      {"log2", [](double x) { return std::log2(x); }},
      {"log10", [](double x) { return std::log10(x); }},
      {"log1p", [](double x) { return std::log1p(x); }},
      {"sqrt", [](double x) { return std::sqrt(x); }},
      {"rsqrt", [](double x) { return 1.0 / std::sqrt(x); }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"sigmoid", [](double x) { return 1.0 / (1.0 + std::exp(-x)); }},
      {"erf", [](double x) { return std::erf(x); }},
      {"sin", [](double x) { return std::sin(x); }},
      {"cos", [](double x) { return std::cos(x); }},
      {"tan", [](double x) { return std::tan(x); }},
      {"sinh", [](double x) { return std::sinh(x); }},
      {"cosh", [](double x) { return std::cosh(x); }},
      {"asin", [](double x) { return std::asin(x); }},
      {"acos", [](double x) { return std::acos(x); }},
      {"atan", [](double x) { return std::atan(x); }},
      {"asinh", [](double x) { return std::asinh(x); }},
      {"acosh", [](double x) { return std::acosh(x); }},
      {"atanh", [](double x) { return std::atanh(x); }},
      {"floor", [](double x) { return std::floor(x); }},
      {"ceil", [](double x) { return std::ceil(x); }},
      {"trunc", [](double x) { return std::trunc(x); }},
      {"round", [](double x) { return std::round(x); }},
      {"nearbyint", [](double x) { return std::nearbyint(x); }},
  };
  auto it = table.find(name);
  return it == table.end() ? nullptr : it->second;
}
inline Binary binary_function(std::string_view name) {
  static const std::unordered_map<std::string_view, Binary> table = {
      {"pow", [](double x, double y) { return std::pow(x, y); }},
      {"atan2", [](double x, double y) { return std::atan2(x, y); }},
      {"hypot", [](double x, double y) { return std::hypot(x, y); }},
      {"copysign", [](double x, double y) { return std::copysign(x, y); }},
      {"fmod", [](double x, double y) { return std::fmod(x, y); }},
      {"ldexp", [](double x, double y) { return x * std::exp2(y); }},
  };
  auto it = table.find(name);
  return it == table.end() ? nullptr : it->second;
}

/// x * y / 2^q, rounded half up, after shifting x left by s; the product is exact in 64 bits.
inline int64_t multiply_shift(int64_t x, int64_t y, int64_t q, int64_t s) {
  const int64_t right = q - std::min<int64_t>(s, 0);
  const int64_t product = x * (int64_t{1} << std::max<int64_t>(s, 0)) * y;
  return (product + (int64_t{1} << (right - 1))) >> right;
}

METASCHEDULE_INLINE Code Compiler::math(const Call& e, std::string_view name,
                                        std::vector<Code> args) {
  const DType dtype = fixed(e.dtype), element = dtype.element();
  const bool is_float = element.is_floating();
  if (is_float && args.size() == 1) {
    if (Unary fn = unary_function(name))
      return {[fn, element, a = lane_of(std::move(args[0]))](Frame& f, int k) {
                return of_float(round_to(fn(a(f, k).f), element));
              },
              dtype};
  }
  if (is_float && args.size() == 2) {
    if (name == "nextafter" && element == kFloat32)
      return {[a = lane_of(std::move(args[0])), b = lane_of(std::move(args[1]))](Frame& f, int k) {
                return of_float(
                    std::nextafter(static_cast<float>(a(f, k).f), static_cast<float>(b(f, k).f)));
              },
              dtype};
    if (Binary fn = binary_function(name)) {
      const bool int_second = args[1].dtype.is_integral();
      return {[fn, element, int_second, a = lane_of(std::move(args[0])),
               b = lane_of(std::move(args[1]))](Frame& f, int k) {
                const Value y = b(f, k);
                return of_float(
                    round_to(fn(a(f, k).f, int_second ? static_cast<double>(y.i) : y.f), element));
              },
              dtype};
    }
  }
  if (name == "fabs")
    return {[is_float, a = lane_of(std::move(args[0]))](Frame& f, int k) {
              const Value v = a(f, k);
              return is_float ? of_float(std::abs(v.f)) : of_int(v.i < 0 ? -v.i : v.i);
            },
            dtype};
  if (name == "fma")
    return {[element, is_float, a = lane_of(std::move(args[0])), b = lane_of(std::move(args[1])),
             c = lane_of(std::move(args[2]))](Frame& f, int k) {
              const Value x = a(f, k), y = b(f, k), z = c(f, k);
              if (element == kFloat32)
                return of_float(std::fma(static_cast<float>(x.f), static_cast<float>(y.f),
                                         static_cast<float>(z.f)));
              if (is_float) return of_float(round_to(std::fma(x.f, y.f, z.f), element));
              return of_int(wrap(
                  int_op(Kind::Add, int_op(Kind::Mul, x.i, y.i, element), z.i, element), element));
            },
            dtype};
  if (name == "isnan" && args[0].dtype.is_floating())
    return {[a = lane_of(std::move(args[0]))](Frame& f, int k) {
              return of_int(std::isnan(a(f, k).f));
            },
            dtype};
  if (name == "q_multiply_shift")
    return {
        [element, x = lane_of(std::move(args[0])), y = lane_of(std::move(args[1])),
         q = lane_of(std::move(args[2])), s = lane_of(std::move(args[3]))](Frame& f, int k) {
          return of_int(wrap(multiply_shift(x(f, k).i, y(f, k).i, q(f, k).i, s(f, k).i), element));
        },
        dtype};
  fail<TypeError>("interpreter: no meaning for a call of {} that gives {}", name, to_string(dtype));
}

METASCHEDULE_INLINE Code Compiler::bits(const Call& e, std::string_view name,
                                        std::vector<Code> args) {
  const DType dtype = fixed(e.dtype), element = dtype.element(), from = args[0].dtype.element();
  EvalFn a = lane_of(std::move(args[0])),
         b = args.size() > 1 ? lane_of(std::move(args[1])) : nullptr;
  if (name == "bitwise_and")
    return {[a, b](Frame& f, int k) { return of_int(a(f, k).i & b(f, k).i); }, dtype};
  if (name == "bitwise_or")
    return {[a, b](Frame& f, int k) { return of_int(a(f, k).i | b(f, k).i); }, dtype};
  if (name == "bitwise_xor")
    return {[a, b](Frame& f, int k) { return of_int(a(f, k).i ^ b(f, k).i); }, dtype};
  if (name == "bitwise_not")
    return {[a, element](Frame& f, int k) { return of_int(wrap(~a(f, k).i, element)); }, dtype};
  if (name == "popcount" || name == "clz") {
    const bool count = name == "popcount";
    return {[a, from, count](Frame& f, int k) {
              const uint64_t mask = from.bits == 64 ? ~uint64_t{0} : (uint64_t{1} << from.bits) - 1;
              const uint64_t v = static_cast<uint64_t>(a(f, k).i) & mask;
              return of_int(count ? std::popcount(v) : std::countl_zero(v) - (64 - from.bits));
            },
            dtype};
  }
  const bool left = name == "shift_left";
  return {[a, b, element, left](Frame& f, int k) {
            const int64_t v = a(f, k).i, n = b(f, k).i;
            if (n < 0 || n >= element.bits)
              fail<RunError>("interpreter: shift of {} by {} bits", to_string(element), n);
            if (left)
              return of_int(wrap(static_cast<int64_t>(static_cast<uint64_t>(v) << n), element));
            if (element.is_int()) return of_int(v >> n);
            return of_int(static_cast<int64_t>(static_cast<uint64_t>(v) >> n));
          },
          dtype};
}

/// The same bytes read as another type.
METASCHEDULE_INLINE Code Compiler::reinterpret(DType to, Code arg) {
  const DType in = arg.dtype.element(), out = to.element();
  const int in_bytes = in.bytes(), out_bytes = out.bytes();
  const StoreFn write = storer(in);
  const LoadFn read = loader(out);
  check<TypeError>(
      in_bytes * std::max<int>(1, arg.dtype.lanes) == out_bytes * std::max<int>(1, to.lanes),
      "interpreter: reinterpret of {} as {}, which has another size", to_string(arg.dtype),
      to_string(to));
  return {[=, eval = std::move(arg.eval)](Frame& f, int lane) {
            uint8_t buffer[16] = {};
            const int first = lane * out_bytes;
            const int from_lane = first / in_bytes;
            const int skip = first - from_lane * in_bytes;
            for (int got = 0, k = from_lane; got < skip + out_bytes; got += in_bytes, ++k)
              write(buffer + got, eval(f, k));
            return read(buffer + skip);
          },
          to};
}

METASCHEDULE_INLINE Code Compiler::call(const Call& e) {
  const Op* op = as<Op>(e.op);
  if (!op) fail<TypeError>("interpreter: calls of other functions are not run");
  std::string_view name = op->name;
  if (name.starts_with("tir.")) name.remove_prefix(4);
  const DType dtype = fixed(e.dtype);
  std::vector<Code> args;
  if (name == "if_then_else") {
    EvalFn c = lane_of(expr(e.args[0])), t = lane_of(expr(e.args[1])), o = lane_of(expr(e.args[2]));
    return {[c, t, o](Frame& f, int k) { return c(f, k).i ? t(f, k) : o(f, k); }, dtype};
  }
  if (name == "likely") return expr(e.args[0]);
  if (Code code = instruction(e, name); code.eval) return code;
  if (name == "vscale") return {[v = of_int(vscale_)](Frame&, int) { return v; }, dtype};
  if (name == "assume" || name == "undef" || name == "ret")
    return {[](Frame&, int) { return of_int(0); }, dtype};
  for (const Expr& a : e.args) args.push_back(expr(a));
  if (name == "reinterpret") return reinterpret(dtype, std::move(args[0]));
  if (name == "large_uint_imm")
    return {[lo = args[0], hi = args[1]](Frame& f, int) {
              return of_int(static_cast<int64_t>(static_cast<uint64_t>(hi.integer(f)) << 32 |
                                                 static_cast<uint64_t>(lo.integer(f))));
            },
            dtype};
  if (name == "get_active_lane_mask")
    return {[base = args[0], limit = args[1]](Frame& f, int k) {
              return of_int(base.integer(f) + k < limit.integer(f));
            },
            dtype};
  if (name == "vectorlow" || name == "vectorhigh") {
    const int shift = name == "vectorhigh" ? dtype.lanes : 0;
    return {[shift, a = args[0].eval](Frame& f, int k) { return a(f, k + shift); }, dtype};
  }
  if (name == "vectorcombine") {
    const int half = args[0].dtype.lanes;
    return {[half, a = args[0].eval, b = args[1].eval](Frame& f, int k) {
              return k < half ? a(f, k) : b(f, k - half);
            },
            dtype};
  }
  static constexpr std::string_view kBitNames[] = {"bitwise_and", "bitwise_or", "bitwise_xor",
                                                   "bitwise_not", "popcount",   "clz",
                                                   "shift_left",  "shift_right"};
  for (std::string_view bit : kBitNames) {
    if (name == bit) return bits(e, name, std::move(args));
  }
  return math(e, name, std::move(args));
}

}  // namespace metaschedule::interp::detail
