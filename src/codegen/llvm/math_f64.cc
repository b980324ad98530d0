// SPDX-License-Identifier: Apache-2.0
// Double precision: series long enough for it after a reduction of the range. The functions of
// single precision that are rare in programs are computed here and rounded.
#include <cmath>
#include <numbers>

#include "math.h"

namespace metaschedule::codegen {
namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = std::numbers::pi;
/// 1.5 * 2^52: see kRound of single precision.
constexpr double kRound = 6755399441055744.0;
constexpr int64_t kRoundBits = 0x4338000000000000;
}  // namespace

llvm::Value* Math::exp_f64(V x) {
  x = clamp(x, -760.0, 720.0);
  V shifted = mad(x, num(x, 1.4426950408889634074), num(x, kRound));
  V n = b_.CreateFSub(shifted, num(x, kRound));
  V r = mad(n, num(x, -6.93147180369123816490e-01), x);
  r = mad(n, num(x, -1.90821492927058770002e-10), r);
  V p = poly(r, {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5});
  p = b_.CreateFAdd(mad(p, b_.CreateFMul(r, r), r), num(x, 1.0));
  V bits = b_.CreateBitCast(shifted, int_type(x));
  V e = b_.CreateSub(bits, inum(bits, kRoundBits));
  V half = b_.CreateAShr(e, 1);
  auto scale = [&](V k) {
    return b_.CreateBitCast(b_.CreateShl(b_.CreateAdd(k, inum(k, 1023)), 52), x->getType());
  };
  return b_.CreateFMul(b_.CreateFMul(p, scale(half)), scale(b_.CreateSub(e, half)));
}

llvm::Value* Math::log_f64(V x) {
  V tiny = b_.CreateFCmpOLT(x, num(x, 2.2250738585072014e-308));
  V scaled = b_.CreateSelect(tiny, b_.CreateFMul(x, num(x, 4503599627370496.0)), x);
  V bits = b_.CreateBitCast(scaled, int_type(x));
  V e = b_.CreateAShr(b_.CreateSub(bits, inum(bits, 0x3fe6a09e667f3bcd)), 52);
  V m = b_.CreateBitCast(b_.CreateSub(bits, b_.CreateShl(e, 52)), x->getType());
  e = b_.CreateSub(e, b_.CreateSelect(tiny, inum(e, 52), inum(e, 0)));
  V n = b_.CreateSIToFP(e, x->getType());
  V f = b_.CreateFSub(m, num(x, 1.0));
  V s = b_.CreateFDiv(f, b_.CreateFAdd(m, num(x, 1.0)));
  V z = b_.CreateFMul(s, s);
  V r = b_.CreateFMul(z, poly(z, {2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                  2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3}));
  // log(1 + f) = f - (h - s (h + r)) with h = f^2 / 2: the large part is exact.
  V h = b_.CreateFMul(b_.CreateFMul(f, f), num(x, 0.5));
  V low = mad(n, num(x, 1.90821492927058770002e-10), b_.CreateFMul(s, b_.CreateFAdd(h, r)));
  V small = b_.CreateFSub(f, b_.CreateFSub(h, low));
  V out = mad(n, num(x, 6.93147180369123816490e-01), small);
  V infinity = num(x, kInfinity);
  out = b_.CreateSelect(b_.CreateFCmpOEQ(x, infinity), infinity, out);
  out = b_.CreateSelect(b_.CreateFCmpOEQ(x, num(x, 0)), b_.CreateFNeg(infinity), out);
  return b_.CreateSelect(b_.CreateFCmpULT(x, num(x, 0)), num(x, kNaN), out);
}

/// sin(x + quarter_turns * pi / 2). The phase of arguments beyond 4 * 10^9 is lost.
llvm::Value* Math::sin_cos_f64(V x, int quarter_turns) {
  V shifted = mad(x, num(x, 2.0 / kPi), num(x, kRound));
  V n = b_.CreateFSub(shifted, num(x, kRound));
  V r = mad(n, num(x, -1.5707963267341256), x);
  r = mad(n, num(x, -6.0771005063039072e-11), r);
  r = mad(n, num(x, -2.0222662487959506e-21), r);
  r = b_.CreateSelect(b_.CreateFCmpOLT(fabs(x), num(x, 4e9)), r, num(x, 0));
  V q = b_.CreateBitCast(shifted, int_type(x));
  q = b_.CreateAdd(q, inum(q, quarter_turns));
  V z = b_.CreateFMul(r, r);
  V sine = poly(z, {1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800,
                    1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6});
  sine = mad(b_.CreateFMul(sine, z), r, r);
  V cosine = poly(z, {1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                      1.0 / 40320, -1.0 / 720, 1.0 / 24, -0.5});
  cosine = mad(cosine, z, num(x, 1.0));
  V odd = b_.CreateICmpNE(b_.CreateAnd(q, inum(q, 1)), inum(q, 0));
  V out = b_.CreateSelect(odd, cosine, sine);
  V negative = b_.CreateICmpNE(b_.CreateAnd(q, inum(q, 2)), inum(q, 0));
  out = b_.CreateSelect(negative, b_.CreateFNeg(out), out);
  V finite = b_.CreateFCmpOLT(fabs(x), num(x, kInfinity));
  return b_.CreateSelect(finite, out, num(x, kNaN));
}

llvm::Value* Math::atan_f64(V x) {
  V a = fabs(x);
  V inverted = b_.CreateFCmpOGT(a, num(x, 1.0));
  V t = b_.CreateSelect(inverted, b_.CreateFDiv(num(x, 1.0), a), a);
  V upper = b_.CreateFCmpOGT(t, num(x, 0.41421356237309503));
  V u = b_.CreateFDiv(b_.CreateFSub(t, num(x, 1.0)), b_.CreateFAdd(t, num(x, 1.0)));
  V v = b_.CreateSelect(upper, u, t);
  V z = b_.CreateFMul(v, v);
  V p = num(x, 0);
  for (int k = 21; k >= 1; --k) p = mad(p, z, num(x, (k % 2 ? -1.0 : 1.0) / (2 * k + 1)));
  V y = mad(b_.CreateFMul(p, z), v, v);
  y = b_.CreateSelect(upper, b_.CreateFAdd(y, num(x, kPi / 4)), y);
  y = b_.CreateSelect(inverted, b_.CreateFSub(num(x, kPi / 2), y), y);
  return copysign(y, x);
}

llvm::Value* Math::atan2_f64(V y, V x) {
  V zero = num(x, 0);
  V both_infinite = b_.CreateAnd(b_.CreateFCmpOEQ(fabs(x), num(x, kInfinity)),
                                 b_.CreateFCmpOEQ(fabs(y), num(x, kInfinity)));
  V ratio = b_.CreateFDiv(fabs(y), fabs(x));
  ratio = b_.CreateSelect(both_infinite, num(x, 1.0), ratio);
  V both_zero = b_.CreateAnd(b_.CreateFCmpOEQ(x, zero), b_.CreateFCmpOEQ(y, zero));
  ratio = b_.CreateSelect(both_zero, zero, ratio);
  V angle = atan_f64(ratio);
  // The sign of x counts also when it is a negative zero.
  V negative = b_.CreateFCmpOLT(copysign(num(x, 1.0), x), zero);
  angle = b_.CreateSelect(negative, b_.CreateFSub(num(x, kPi), angle), angle);
  return copysign(angle, y);
}

llvm::Value* Math::pow_f64(V x, V y) {
  V one = num(x, 1.0);
  V out = exp_f64(b_.CreateFMul(y, log_f64(fabs(x))));
  V whole = b_.CreateFCmpOEQ(unary(llvm::Intrinsic::trunc, y), y);
  V halved = b_.CreateFMul(y, num(x, 0.5));
  V even = b_.CreateFCmpOEQ(unary(llvm::Intrinsic::trunc, halved), halved);
  V odd = b_.CreateAnd(whole, b_.CreateNot(even));
  V signed_out = b_.CreateSelect(odd, copysign(out, x), out);
  V negative =
      b_.CreateAnd(b_.CreateFCmpOLT(x, num(x, 0)), b_.CreateFCmpOGT(x, num(x, -kInfinity)));
  out = b_.CreateSelect(b_.CreateAnd(negative, b_.CreateNot(whole)), num(x, kNaN), signed_out);
  out = b_.CreateSelect(b_.CreateFCmpOEQ(x, one), one, out);
  return b_.CreateSelect(b_.CreateFCmpOEQ(y, num(x, 0)), one, out);
}

llvm::Value* Math::sinh_f64(V x) {
  V e = exp_f64(x);
  V large = b_.CreateFMul(b_.CreateFSub(e, b_.CreateFDiv(num(x, 1.0), e)), num(x, 0.5));
  V z = b_.CreateFMul(x, x);
  V p = poly(z, {1.0 / 5040, 1.0 / 120, 1.0 / 6});
  V small = mad(b_.CreateFMul(p, z), x, x);
  return b_.CreateSelect(b_.CreateFCmpOLT(fabs(x), num(x, 0.01)), small, large);
}

/// Good to 30 bits at least, which is enough to round to single precision; exp, log, sin, cos, atan
/// and what is made of one of them are good to 2 ulp.
llvm::Value* Math::emit_f64(std::string_view name, llvm::ArrayRef<V> args) {
  V x = args[0];
  V one = num(x, 1.0);
  auto odd_small = [&](V z, double c3, double c5, V large, double limit) {
    V p = mad(z, num(x, c5), num(x, c3));
    V small = mad(b_.CreateFMul(p, z), x, x);
    return b_.CreateSelect(b_.CreateFCmpOLT(fabs(x), num(x, limit)), small, large);
  };
  if (name == "exp") return exp_f64(x);
  if (name == "log") return log_f64(x);
  if (name == "exp2") return exp_f64(b_.CreateFMul(x, num(x, std::numbers::ln2)));
  if (name == "exp10") return exp_f64(b_.CreateFMul(x, num(x, std::numbers::ln10)));
  if (name == "log2") return b_.CreateFMul(log_f64(x), num(x, std::numbers::log2e));
  if (name == "log10") return b_.CreateFMul(log_f64(x), num(x, std::numbers::log10e));
  if (name == "sin") return sin_cos_f64(x, 0);
  if (name == "cos") return sin_cos_f64(x, 1);
  if (name == "tan") return b_.CreateFDiv(sin_cos_f64(x, 0), sin_cos_f64(x, 1));
  if (name == "sigmoid") return b_.CreateFDiv(one, b_.CreateFAdd(exp_f64(b_.CreateFNeg(x)), one));
  if (name == "atan") return atan_f64(x);
  if (name == "atan2") return atan2_f64(x, args[1]);
  if (name == "asin" || name == "acos") {
    V square = b_.CreateFMul(b_.CreateFSub(one, x), b_.CreateFAdd(one, x));
    V side = sqrt(square);
    return name == "asin" ? atan2_f64(x, side) : atan2_f64(side, x);
  }
  if (name == "pow") return pow_f64(x, args[1]);
  if (name == "hypot") {
    V sum = mad(x, x, b_.CreateFMul(args[1], args[1]));
    return sqrt(sum);
  }
  if (name == "fmod") {
    V quotient = unary(llvm::Intrinsic::trunc, b_.CreateFDiv(x, args[1]));
    V rest = mad(b_.CreateFNeg(quotient), args[1], x);
    V infinite = b_.CreateAnd(b_.CreateFCmpOEQ(fabs(args[1]), num(x, kInfinity)),
                              b_.CreateFCmpOLT(fabs(x), num(x, kInfinity)));
    return copysign(b_.CreateSelect(infinite, x, rest), x);
  }
  if (name == "sinh") return sinh_f64(x);
  if (name == "cosh") {
    V e = exp_f64(fabs(x));
    return b_.CreateFMul(b_.CreateFAdd(e, b_.CreateFDiv(one, e)), num(x, 0.5));
  }
  if (name == "asinh") {
    V a = fabs(x);
    V large = log_f64(b_.CreateFAdd(a, sqrt(mad(a, a, one))));
    return odd_small(b_.CreateFMul(x, x), -1.0 / 6, 3.0 / 40, copysign(large, x), 0.01);
  }
  if (name == "acosh") {
    V out = log_f64(b_.CreateFAdd(x, sqrt(mad(x, x, num(x, -1.0)))));
    return b_.CreateSelect(b_.CreateFCmpULT(x, one), num(x, kNaN), out);
  }
  if (name == "atanh") {
    V ratio = b_.CreateFDiv(b_.CreateFAdd(one, x), b_.CreateFSub(one, x));
    V large = b_.CreateFMul(log_f64(ratio), num(x, 0.5));
    return odd_small(b_.CreateFMul(x, x), 1.0 / 3, 1.0 / 5, large, 0.01);
  }
  return nullptr;
}

llvm::Value* Math::emit(std::string_view name, llvm::ArrayRef<V> args) {
  llvm::Type* t = args[0]->getType();
  if (!machine_.has_rounding && (name == "pow" || name == "fmod")) return nullptr;
  if (t->getScalarType()->isDoubleTy()) {
    // The rest of double precision is not good enough here: the caller asks the runtime.
    for (std::string_view good : {"exp", "log", "sin", "cos", "atan", "sigmoid"})
      if (name == good) return emit_f64(name, args);
    return nullptr;
  }
  if (args.size() == 1) {
    if (V out = emit_f32(name, args[0])) return out;
  }
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(t);
  llvm::Type* wide = b_.getDoubleTy();
  if (vector) wide = llvm::FixedVectorType::get(wide, vector->getNumElements());
  std::vector<V> widened;
  for (V arg : args) widened.push_back(b_.CreateFPExt(arg, wide));
  V out = emit_f64(name, widened);
  return out ? b_.CreateFPTrunc(out, t) : nullptr;
}

}  // namespace metaschedule::codegen
