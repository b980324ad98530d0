// SPDX-License-Identifier: Apache-2.0
// Number formats of the interpreter.
#include "metaschedule/interp/value.h"

#include <gtest/gtest.h>

#include <cmath>

namespace metaschedule::interp {
namespace {

const DType kHalf = DType::float_(16), kBf16 = DType::bfloat16();
const DType kE4m3 = DType::make(TypeCode::E4M3Float, 8, 1);
const DType kE5m2 = DType::make(TypeCode::E5M2Float, 8, 1);

TEST(Value, IntegersWrapAtTheirWidth) {
  EXPECT_EQ(wrap(255, DType::int_(8)), -1);
  EXPECT_EQ(wrap(-1, DType::uint(8)), 255);
  EXPECT_EQ(wrap(int64_t{1} << 31, kInt32), -(int64_t{1} << 31));
  EXPECT_EQ(wrap(2, kBool), 0);
}

TEST(Value, EveryPatternOfANarrowFormatSurvives) {
  for (DType dtype : {kHalf, kBf16, kE4m3, kE5m2}) {
    for (uint64_t bits = 0; bits < uint64_t{1} << dtype.bits; ++bits) {
      const double v = decode(bits, dtype);
      if (std::isnan(v)) {
        EXPECT_TRUE(std::isnan(decode(encode(v, dtype), dtype)));
        continue;
      }
      ASSERT_EQ(encode(v, dtype), bits) << to_string(dtype);
      ASSERT_EQ(round_to(v, dtype), v) << to_string(dtype) << " " << v;
    }
  }
}

TEST(Value, RoundsToNearestAndTiesToEven) {
  EXPECT_EQ(round_to(2049, kHalf), 2048);
  EXPECT_EQ(round_to(2051, kHalf), 2052);
  EXPECT_EQ(round_to(257, kBf16), 256);
  EXPECT_EQ(round_to(0x1p-25, kHalf), 0);
  EXPECT_EQ(round_to(0x1.8p-25, kHalf), 0x1p-24);
  EXPECT_EQ(round_to(65519, kHalf), 65504);
  EXPECT_TRUE(std::isinf(round_to(65520, kHalf)));
  EXPECT_EQ(round_to(448, kE4m3), 448);
  EXPECT_TRUE(std::isnan(round_to(480, kE4m3)));
  EXPECT_EQ(round_to(0.1, kFloat32), static_cast<double>(0.1f));
}

TEST(Value, FloatsConvertToIntegersByTruncationAndSaturate) {
  const DType f = kFloat32;
  EXPECT_EQ(convert(of_float(-2.7), f, kInt32).i, -2);
  EXPECT_EQ(convert(of_float(1e20), f, kInt32).i, 2147483647);
  EXPECT_EQ(convert(of_float(-1e20), f, kInt64).i, INT64_MIN);
  EXPECT_EQ(convert(of_float(-3), f, DType::uint(8)).i, 0);
  EXPECT_EQ(convert(of_float(300), f, DType::uint(8)).i, 255);
  EXPECT_EQ(convert(of_float(NAN), f, kInt32).i, 0);
  EXPECT_EQ(convert(of_int(300), kInt32, DType::int_(8)).i, 44);
  EXPECT_EQ(convert(of_int(16777217), kInt32, f).f, 16777216);
}

}  // namespace
}  // namespace metaschedule::interp
