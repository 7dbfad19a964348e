// What the operations mean: the functions on scalars, against the definitions in scalar.h.
#include <gradc/core/vector.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/numbers.h"

namespace gradc::core {
namespace {

using test::numbers;

template <class T>
class ScalarTest : public ::testing::Test {
 protected:
  static constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();
  static constexpr T kInfinity = std::numeric_limits<T>::infinity();
};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ScalarTest, Reals);

TYPED_TEST(ScalarTest, FusedMultiplyAddRoundsOnce) {
  using T = TypeParam;
  constexpr T kEpsilon = std::numeric_limits<T>::epsilon();
  EXPECT_EQ(fma(1 + kEpsilon, 1 - kEpsilon, T(-1)), -kEpsilon * kEpsilon);
  for (const T x : numbers<T>(300, 1)) {
    for (const T y : numbers<T>(40, 2)) EXPECT_SAME(fma(x, y, x), std::fma(x, y, x));
  }
}

TYPED_TEST(ScalarTest, MaxAndMinGiveTheFirstUnlessTheSecondIsBeyond) {
  using T = TypeParam;
  EXPECT_SAME(max(T(1), T(2)), T(2));
  EXPECT_SAME(min(T(1), T(2)), T(1));
  EXPECT_SAME(max(T(0), T(-0.0)), T(0));
  EXPECT_SAME(max(T(-0.0), T(0)), T(-0.0));
  EXPECT_SAME(min(T(0), T(-0.0)), T(0));
  EXPECT_SAME(min(T(-0.0), T(0)), T(-0.0));
  EXPECT_SAME(max(this->kNaN, T(1)), this->kNaN);
  EXPECT_SAME(max(T(1), this->kNaN), T(1));
  EXPECT_SAME(min(this->kNaN, T(1)), this->kNaN);
  EXPECT_SAME(min(T(1), this->kNaN), T(1));
}

TYPED_TEST(ScalarTest, ComparisonsAreOneOrZeroAndFalseForNaN) {
  using T = TypeParam;
  EXPECT_EQ(less(T(1), T(2)), T(1));
  EXPECT_EQ(less(T(2), T(2)), T(0));
  EXPECT_EQ(less_equal(T(2), T(2)), T(1));
  EXPECT_EQ(less_equal(T(3), T(2)), T(0));
  EXPECT_EQ(equal(T(0), T(-0.0)), T(1));
  EXPECT_EQ(equal(T(0), T(1)), T(0));
  EXPECT_EQ(less(this->kNaN, T(2)) + less(T(2), this->kNaN), T(0));
  EXPECT_EQ(less_equal(this->kNaN, this->kNaN) + equal(this->kNaN, this->kNaN), T(0));
}

TYPED_TEST(ScalarTest, SelectTakesTheFirstUnlessTheMaskIsZero) {
  using T = TypeParam;
  EXPECT_EQ(select(T(1), T(2), T(3)), T(2));
  EXPECT_EQ(select(T(-0.0), T(2), T(3)), T(3));
  EXPECT_EQ(select(this->kNaN, T(2), T(3)), T(2));
}

TYPED_TEST(ScalarTest, AbsAndNegateChangeTheSignOnly) {
  using T = TypeParam;
  EXPECT_SAME(abs(T(-0.0)), T(0));
  EXPECT_SAME(neg(T(0)), T(-0.0));
  EXPECT_SAME(abs(-this->kInfinity), this->kInfinity);
}

TYPED_TEST(ScalarTest, CastToIntegerGoesTowardZeroAndSaturates) {
  using T = TypeParam;
  using I = IntegerOf<T>;
  constexpr bool kNarrow = sizeof(T) == 4;
  EXPECT_EQ(cast<I>(T(-2.9)), I(-2));
  EXPECT_EQ(cast<I>(T(2.9)), I(2));
  EXPECT_EQ(cast<I>(this->kNaN), I(0));
  EXPECT_EQ(cast<I>(this->kInfinity), kNarrow ? I(INT32_MAX) : I(1) << (kNarrow ? 0 : 51));
  EXPECT_EQ(cast<I>(-this->kInfinity), kNarrow ? I(INT32_MIN) : -(I(1) << (kNarrow ? 0 : 51)));
}

TYPED_TEST(ScalarTest, OneLaneIsAVectorOfOne) {
  using T = TypeParam;
  T cell = 5;
  EXPECT_EQ(load_first<T>(&cell, 0), T(0));
  EXPECT_EQ(load_first<T>(&cell, 1), T(5));
  store_first(&cell, T(6), 0);
  EXPECT_EQ(cell, T(5));
  store_first(&cell, T(6), 1);
  EXPECT_EQ(load<T>(&cell), T(6));
  EXPECT_EQ(keep_first(T(3), 0), T(0));
  EXPECT_EQ(keep_first(T(3), 0, T(4)), T(4));
  EXPECT_EQ(keep_first(T(3), 1, T(4)), T(3));
}

TEST(ScalarIntegerTest, ShiftsAndProducts) {
  EXPECT_EQ(shift_right<1>(std::int32_t{-3}), -2);
  EXPECT_EQ(shift_right_logical<28>(std::int32_t{-1}), 15);
  EXPECT_EQ(shift_right_logical<60>(std::int64_t{-1}), 15);
  EXPECT_EQ(multiply_high(std::int32_t{-1}, std::int32_t{-1}), -2);
  EXPECT_EQ(multiply_high(0x80000000u, 6u), 3u);
  EXPECT_EQ(abs(std::int32_t{INT32_MIN}), INT32_MIN);
}

}  // namespace
}  // namespace gradc::core
