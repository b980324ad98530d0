// SPDX-License-Identifier: Apache-2.0
// What programs as plain C call: rounding division, bits of numbers, small floats.
#include "metaschedule/codegen/c_source.h"

namespace metaschedule::codegen {

std::string c_source_prelude() {
  return R"c(#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function" /* no program uses all of these */
#endif
static inline void* ms_test_allocate(size_t bytes) {
  void* memory = malloc(bytes ? bytes : 1);
  if (!memory) {
    fprintf(stderr, "no memory for the test\n");
    exit(3);
  }
  return memory;
}
static inline int64_t ms_floordiv_i(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}
static inline int64_t ms_floormod_i(int64_t a, int64_t b) { return a - ms_floordiv_i(a, b) * b; }
static inline uint64_t ms_floordiv_u(uint64_t a, uint64_t b) { return a / b; }
static inline uint64_t ms_floormod_u(uint64_t a, uint64_t b) { return a % b; }
static inline double ms_floordiv_f(double a, double b) { return floor(a / b); }
static inline double ms_floormod_f(double a, double b) { return a - floor(a / b) * b; }
static inline int64_t ms_min_i(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ms_max_i(int64_t a, int64_t b) { return a > b ? a : b; }
static inline uint64_t ms_min_u(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t ms_max_u(uint64_t a, uint64_t b) { return a > b ? a : b; }
static inline double ms_min_f(double a, double b) { return a < b ? a : b; }
static inline double ms_max_f(double a, double b) { return a > b ? a : b; }
static inline int64_t ms_abs_i(int64_t a) { return a < 0 ? -a : a; }
static inline int ms_popcount(uint64_t v) {
  int n = 0;
  for (; v; v &= v - 1) ++n;
  return n;
}
static inline int ms_clz(uint64_t v, int bits) {
  int n = bits;
  for (; v; v >>= 1) --n;
  return n;
}
static inline uint32_t ms_bits_32(float v) {
  uint32_t bits;
  memcpy(&bits, &v, 4);
  return bits;
}
static inline float ms_real_32(uint32_t bits) {
  float v;
  memcpy(&v, &bits, 4);
  return v;
}
static inline uint64_t ms_bits_64(double v) {
  uint64_t bits;
  memcpy(&bits, &v, 8);
  return bits;
}
static inline double ms_real_64(uint64_t bits) {
  double v;
  memcpy(&v, &bits, 8);
  return v;
}
/* Floats of 8 and 16 bits: a sign, `e` bits of exponent, `f` of fraction. Without infinities the
 * largest exponent holds numbers, too, and only all ones is no number. */
static inline float ms_decode(uint32_t bits, int e, int f, int infinity) {
  uint32_t ones = (1u << e) - 1, exponent = bits >> f & ones, fraction = bits & ((1u << f) - 1);
  int bias = (int)(ones >> 1);
  double v;
  if (exponent == ones && (infinity || fraction == (1u << f) - 1))
    v = infinity && fraction == 0 ? INFINITY : NAN;
  else if (exponent == 0)
    v = ldexp((double)fraction, 1 - bias - f);
  else
    v = ldexp((double)(fraction | 1u << f), (int)exponent - bias - f);
  return (float)(bits >> (e + f) & 1 ? -v : v);
}
static inline uint32_t ms_encode(double v, int e, int f, int infinity) {
  uint32_t ones = (1u << e) - 1, sign = signbit(v) ? 1u << (e + f) : 0;
  int bias = (int)(ones >> 1), exponent;
  double a = fabs(v), unit, steps;
  if (isnan(v)) return sign | ones << f | (infinity ? 1u << (f - 1) : (1u << f) - 1);
  if (a == 0) return sign;
  frexp(a, &exponent);
  exponent = isinf(a) ? 1000 : exponent - 1;
  if (exponent < 1 - bias) exponent = 1 - bias;
  unit = ldexp(1.0, exponent - f);
  steps = isinf(a) ? 0 : nearbyint(a / unit);
  if (steps >= ldexp(2.0, f)) {
    steps /= 2;
    ++exponent;
  }
  if (infinity ? exponent > bias : exponent > bias + 1 || (exponent == bias + 1 && steps > ldexp(2.0, f) - 2))
    return sign | ones << f | (infinity ? 0 : (1u << f) - 1);
  if (steps < ldexp(1.0, f)) return sign | (uint32_t)steps;
  return sign | (uint32_t)(exponent + bias) << f | ((uint32_t)steps - (1u << f));
}
static inline float ms_round(double v, int e, int f, int infinity) {
  return ms_decode(ms_encode(v, e, f, infinity), e, f, infinity);
}
#ifdef __clang__
#pragma clang diagnostic pop
#endif
)c";
}

}  // namespace metaschedule::codegen
