// SPDX-License-Identifier: Apache-2.0
// Single precision. The reductions are those of Cody and Waite; the polynomials are minimax fits on
// the reduced ranges.
#include "math.h"

#include <llvm/IR/IntrinsicsX86.h>

namespace metaschedule::codegen {

llvm::Value* Math::num(V like, double value) {
  return llvm::ConstantFP::get(like->getType(), value);
}

llvm::Value* Math::inum(V like_int, int64_t value) {
  return llvm::ConstantInt::getSigned(like_int->getType(), value);
}

llvm::Type* Math::int_type(V like) {
  llvm::Type* t = like->getType();
  llvm::Type* element = b_.getIntNTy(t->getScalarSizeInBits());
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(t);
  return vector ? llvm::FixedVectorType::get(element, vector->getNumElements()) : element;
}

llvm::Value* Math::mad(V a, V b, V c) {
  if (machine_.has_fma) return b_.CreateIntrinsic(llvm::Intrinsic::fma, {a->getType()}, {a, b, c});
  return b_.CreateFAdd(b_.CreateFMul(a, b), c);
}

llvm::Value* Math::poly(V x, std::initializer_list<double> highest_first) {
  V sum = nullptr;
  for (double c : highest_first) sum = sum ? mad(sum, x, num(x, c)) : num(x, c);
  return sum;
}

llvm::Value* Math::copysign(V magnitude, V sign) {
  return b_.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, magnitude, sign);
}

/// NaN stays NaN: it is the second operand of the choice.
llvm::Value* Math::at_most(V x, double high) {
  V hi = num(x, high);
  return b_.CreateSelect(b_.CreateFCmpOLT(hi, x), hi, x);
}

/// NaN stays NaN here, too.
llvm::Value* Math::clamp(V x, double low, double high) {
  V lo = num(x, low);
  return at_most(b_.CreateSelect(b_.CreateFCmpOGT(lo, x), lo, x), high);
}

namespace {
/// 1.5 * 2^23: added to a small float, it leaves the nearest integer in the low bits.
constexpr double kRound = 12582912.0;
constexpr int64_t kRoundBits = 0x4B400000;
}  // namespace

/// exp(r) * 2^n for |r| <= ln(2) / 2; the scale goes in two steps, so that results below the normal
/// range and infinity come out right, or in one when 2^n is known to be normal.
llvm::Value* Math::scaled_exp_f32(V r, V n, bool normal) {
  V p = poly(r, {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                 1.6666665459e-1, 5.0000001201e-1});
  p = mad(p, b_.CreateFMul(r, r), r);
  p = b_.CreateFAdd(p, num(r, 1.0));
  if (machine_.has_scale)
    return b_.CreateIntrinsic(llvm::Intrinsic::ldexp, {p->getType(), n->getType()}, {p, n});
  auto scale = [&](V e) {
    return b_.CreateBitCast(b_.CreateShl(b_.CreateAdd(e, inum(e, 127)), 23), r->getType());
  };
  if (normal) return b_.CreateFMul(p, scale(n));
  V half = b_.CreateAShr(n, 1);
  V rest = b_.CreateSub(n, half);
  return b_.CreateFMul(b_.CreateFMul(p, scale(half)), scale(rest));
}

llvm::Value* Math::exp_f32(V x) { return reduced_exp_f32(clamp(x, -110.0, 90.0), false); }

llvm::Value* Math::reduced_exp_f32(V x, bool normal) {
  V shifted = mad(x, num(x, 1.44269504088896341), num(x, kRound));
  V n = b_.CreateFSub(shifted, num(x, kRound));
  V r = mad(n, num(x, -0.693359375), x);
  r = mad(n, num(x, 2.12194440e-4), r);
  V bits = b_.CreateBitCast(shifted, int_type(x));
  return scaled_exp_f32(r, b_.CreateSub(bits, inum(bits, kRoundBits)), normal);
}

llvm::Value* Math::exp2_f32(V x) {
  x = clamp(x, -160.0, 129.0);
  V shifted = b_.CreateFAdd(x, num(x, kRound));
  V n = b_.CreateFSub(shifted, num(x, kRound));
  V r = b_.CreateFMul(b_.CreateFSub(x, n), num(x, 0.693147180559945309));
  V bits = b_.CreateBitCast(shifted, int_type(x));
  return scaled_exp_f32(r, b_.CreateSub(bits, inum(bits, kRoundBits)));
}

llvm::Value* Math::exp10_f32(V x) {
  x = clamp(x, -47.0, 39.0);
  V shifted = mad(x, num(x, 3.32192809488736235), num(x, kRound));
  V n = b_.CreateFSub(shifted, num(x, kRound));
  V r = mad(n, num(x, -0.30102539062), x);  // log10(2) in two parts
  r = mad(n, num(x, -4.60503857e-6), r);
  r = b_.CreateFMul(r, num(x, 2.30258509299404568));
  V bits = b_.CreateBitCast(shifted, int_type(x));
  return scaled_exp_f32(r, b_.CreateSub(bits, inum(bits, kRoundBits)));
}

llvm::Value* Math::log_f32(V x, bool base2) {
  // Below the normal range: scaled up by 2^23.
  V tiny = b_.CreateFCmpOLT(x, num(x, 1.17549435e-38));
  V scaled = b_.CreateSelect(tiny, b_.CreateFMul(x, num(x, 8388608.0)), x);
  V bits = b_.CreateBitCast(scaled, int_type(x));
  V e = b_.CreateAShr(b_.CreateSub(bits, inum(bits, 0x3f3504f3)), 23);
  V m = b_.CreateBitCast(b_.CreateSub(bits, b_.CreateShl(e, 23)), x->getType());
  e = b_.CreateSub(e, b_.CreateSelect(tiny, inum(e, 23), inum(e, 0)));
  V n = b_.CreateSIToFP(e, x->getType());
  V f = b_.CreateFSub(m, num(x, 1.0));
  V z = b_.CreateFMul(f, f);
  V p = poly(f,
             {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
              -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  V tail = b_.CreateFMul(b_.CreateFMul(f, z), p);
  V out;
  if (base2) {
    // log2(e) in two parts, the first of which is exact in a product with f.
    tail = mad(z, num(x, -0.5), tail);
    V low = mad(f, num(x, 0.44269504088896341), b_.CreateFMul(tail, num(x, 0.44269504088896341)));
    out = b_.CreateFAdd(b_.CreateFAdd(b_.CreateFAdd(low, tail), f), n);
  } else {
    tail = mad(n, num(x, -2.12194440e-4), tail);
    tail = mad(z, num(x, -0.5), tail);
    out = mad(n, num(x, 0.693359375), b_.CreateFAdd(f, tail));
  }
  V infinity = num(x, std::numeric_limits<double>::infinity());
  out = b_.CreateSelect(b_.CreateFCmpOEQ(x, infinity), infinity, out);
  out = b_.CreateSelect(b_.CreateFCmpOEQ(x, num(x, 0)), b_.CreateFNeg(infinity), out);
  V invalid = b_.CreateFCmpULT(x, num(x, 0));
  return b_.CreateSelect(invalid, num(x, std::numeric_limits<double>::quiet_NaN()), out);
}

/// log(1 + x) * x / ((1 + x) - 1): the two roundings of 1 + x cancel.
llvm::Value* Math::log1p_f32(V x) {
  V u = b_.CreateFAdd(x, num(x, 1.0));
  V d = b_.CreateFSub(u, num(x, 1.0));
  V out = b_.CreateFMul(log_f32(u, false), b_.CreateFDiv(x, d));
  out = b_.CreateSelect(b_.CreateFCmpOEQ(d, num(x, 0)), x, out);
  V infinity = num(x, std::numeric_limits<double>::infinity());
  V edge = b_.CreateFCmpOEQ(u, num(x, 0));
  out = b_.CreateSelect(edge, b_.CreateFNeg(infinity), out);
  return b_.CreateSelect(b_.CreateFCmpOEQ(x, infinity), infinity, out);
}

llvm::Value* Math::tanh_f32(V x) {
  V a = fabs(x);
  V z = b_.CreateFMul(x, x);
  V p = poly(z, {-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
                 -3.33332819422e-1});
  V small = mad(b_.CreateFMul(p, z), x, x);
  // From 10 on the result is 1.
  V limited = at_most(a, 10.0);
  V e = reduced_exp_f32(b_.CreateFAdd(limited, limited), true);
  V large = b_.CreateFSub(num(x, 1.0), b_.CreateFDiv(num(x, 2.0), b_.CreateFAdd(e, num(x, 1.0))));
  return b_.CreateSelect(b_.CreateFCmpOLT(a, num(x, 0.625)), small, copysign(large, x));
}

namespace {
/// erf(i / kErfSteps + d) for i = 0 to 15 as polynomials of d, the coefficients of d^5 first: each
/// is fitted to those before it after they were rounded. The first is odd.
constexpr double kErfSteps = 128.0 / 33;
constexpr float kErf[6][16] = {
    {0.109975636f, 0.0794239119f, 0.00577137619f, -0.0561873838f, -0.0677861571f, -0.0421036445f,
     -0.00982230529f, 0.00905061606f, 0.0129428729f, 0.00937738642f, 0.00489705009f, 0.00201296294f,
     0.000674822717f, 0.000188404621f, 4.43209137e-05f, -0.00150567084f},
    {0, 0.129249975f, 0.182902962f, 0.143637389f, 0.0588093251f, -0.0140716014f, -0.0470868982f,
     -0.0460630208f, -0.0296722017f, -0.0162371881f, -0.00596219813f, -0.00225243508f,
     -0.00147726969f, -0.000357821787f, -0.000768887519f, -0.000564285787f},
    {-0.376088619f, -0.305188179f, -0.135065138f, 0.0406103954f, 0.146345556f, 0.165880203f,
     0.130103305f, 0.079861261f, 0.0401238464f, 0.0168635845f, 0.00600294117f, 0.00182401272f,
     0.000475594628f, 0.000106807776f, 2.07167541e-05f, 2.53853159e-05f},
    {0, -0.272200406f, -0.445992827f, -0.479821265f, -0.401754767f, -0.276109457f, -0.159486845f,
     -0.0784117952f, -0.033079084f, -0.0120073464f, -0.00378608564f, -0.0010289863f,
     -0.000229749101f, -4.6822508e-05f, 3.279368e-06f, 7.47726199e-06f},
    {1.12837911f, 1.05581725f, 0.864947319f, 0.620379865f, 0.389576763f, 0.214188263f, 0.103101633f,
     0.0434512906f, 0.0160327144f, 0.00517939078f, 0.00146493223f, 0.00036276356f, 7.86496967e-05f,
     1.49292382e-05f, 2.48110723e-06f, 3.60993255e-07f},
    {0, 0.284591436f, 0.534123063f, 0.725959837f, 0.855271816f, 0.931698084f, 0.971302092f,
     0.9892959f, 0.996463776f, 0.998967111f, 0.999733686f, 0.999939442f, 0.999987841f, 0.999997854f,
     0.999999642f, 0.99999994f}};
}  // namespace

/// The argument picks a polynomial by its nearest multiple of 33/128.
llvm::Value* Math::erf_by_table_f32(V x) {
  // The last polynomial ends in 1 here. NaN goes through all of this.
  V a = at_most(fabs(x), 3.9921875);
  V shifted = mad(a, num(x, kErfSteps), num(x, kRound));
  V d = mad(b_.CreateFSub(shifted, num(x, kRound)), num(x, -1 / kErfSteps), a);
  V at = b_.CreateBitCast(shifted, int_type(x));  // its low four bits are looked at
  V sum = nullptr;
  for (const auto& row : kErf) {
    V table = llvm::ConstantDataVector::get(b_.getContext(), llvm::ArrayRef<float>(row));
    V c = b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_permvar_sf_512, {}, {table, at});
    sum = sum ? mad(sum, d, c) : c;
  }
  return copysign(sum, x);
}

/// Two ranges: an odd polynomial, and 1 - exp of a polynomial.
llvm::Value* Math::erf_f32(V x) {
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(x->getType());
  if (machine_.has_lookup && vector && vector->getNumElements() == 16) return erf_by_table_f32(x);
  // From 4 on the result is 1. NaN goes through all of this, and ends in `small`.
  V t = at_most(fabs(x), 4.0);
  V s = b_.CreateFMul(x, x);
  V sq = b_.CreateFMul(t, t);
  V r = mad(num(x, -1.72853470e-5), t, num(x, 3.83197126e-4));
  V u = mad(num(x, -3.88396438e-3), t, num(x, 2.42546219e-2));
  r = mad(r, sq, u);
  r = mad(r, t, num(x, -1.06777877e-1));
  r = mad(r, t, num(x, -6.34846687e-1));
  r = mad(r, t, num(x, -1.28717512e-1));
  r = mad(r, t, b_.CreateFNeg(t));
  V large = copysign(b_.CreateFSub(num(x, 1.0), reduced_exp_f32(r, true)), x);
  V p = poly(s, {-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1,
                 1.28379166e-1});
  V small = mad(p, x, x);
  return b_.CreateSelect(b_.CreateFCmpOGT(t, num(x, 0.927734375)), large, small);
}

llvm::Value* Math::emit_f32(std::string_view name, V x) {
  if (name == "exp") return exp_f32(x);
  if (name == "exp2") return exp2_f32(x);
  if (name == "exp10") return exp10_f32(x);
  if (name == "log") return log_f32(x, false);
  if (name == "log2") return log_f32(x, true);
  if (name == "log1p") return log1p_f32(x);
  if (name == "tanh") return tanh_f32(x);
  if (name == "erf") return erf_f32(x);
  if (name == "sigmoid") {
    V e = exp_f32(b_.CreateFNeg(x));
    return b_.CreateFDiv(num(x, 1.0), b_.CreateFAdd(e, num(x, 1.0)));
  }
  return nullptr;
}

}  // namespace metaschedule::codegen
