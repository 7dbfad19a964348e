// The functions of math.h against MPFR: the error stays within the constant that the header states.
#include <gradc/core/math.h>
#include <gtest/gtest.h>

#include <random>

#include "runtime/exact.h"
#include "runtime/numbers.h"

namespace gradc::core {
namespace {

using test::Exact;
using test::lanes;
using test::show;

constexpr unsigned kSeed = 20;

// Special numbers with their neighbours, numbers of any magnitude, and numbers where the function
// does something; multiples of pi/2 and of ln 2 / 2, where a reduction is at its worst.
template <class T, class F>
std::vector<T> points() {
  std::vector<T> result = test::numbers<T>(4000, kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> range(F::kLow, F::kHigh);
  for (int i = 0; i < 20000; ++i) {
    const double x = range(random);
    result.push_back(static_cast<T>(x));
    result.push_back(static_cast<T>(std::ldexp(x, -static_cast<int>(random() % 40))));
  }
  for (const double period : {1.5707963267948966, 0.34657359027997264}) {
    for (int n = 1; n < 2200; ++n) result.push_back(static_cast<T>(n * period));
    for (int n = 12; n < 52; ++n) result.push_back(static_cast<T>(std::ldexp(period, n)));
  }
  const std::size_t centres = result.size();
  for (std::size_t i = 0; i < centres; i += i < 100 ? 1 : 97) {
    T above = result[i], below = result[i];
    for (int k = 0; k < 3; ++k) {
      result.push_back(above = std::nextafter(above, std::numeric_limits<T>::infinity()));
      result.push_back(below = std::nextafter(below, -std::numeric_limits<T>::infinity()));
    }
  }
  while (result.size() % 16 != 0) result.push_back(T(1));
  return result;
}

template <class F>
class MathTest : public ::testing::Test {
 protected:
  template <class V>
  static void expect_bound_and_equal_lanes(double bound) {
    using T = ElementOf<V>;
    Exact exact;
    double worst = 0;
    T worst_at = 0;
    const std::vector<T> x = points<T, F>();
    for (std::size_t i = 0; i < x.size(); i += kLanes<V>) {
      const auto result = lanes(F()(load<V>(&x[i])));
      for (int k = 0; k < kLanes<V>; ++k) {
        const T at = x[i + k];
        ASSERT_SAME(result[k], F()(at)) << F::kName << "(" << show(at) << "), lane " << k;
        if (std::abs(at) > F::template kRange<T>) {
          ASSERT_TRUE(std::isnan(result[k])) << F::kName << "(" << show(at) << ")";
          continue;
        }
        const double ulp = exact.ulp(F::kExact, at, result[k]);
        if (ulp > worst) worst = ulp, worst_at = at;
      }
    }
    EXPECT_LE(worst, bound) << F::kName << "(" << show(worst_at) << ") is " << show(F()(worst_at));
    ::testing::Test::RecordProperty("worst_ulp", std::to_string(worst));
    std::printf("%s: at most %.3f ulp in f%zu\n", F::kName, worst, 8 * sizeof(T));
  }
};

TYPED_TEST_SUITE(MathTest, test::Functions, test::FunctionNames);

TYPED_TEST(MathTest, F32StaysWithinItsBound) {
  this->template expect_bound_and_equal_lanes<f32x16>(TypeParam::kBound.f32);
}
TYPED_TEST(MathTest, F64StaysWithinItsBound) {
  this->template expect_bound_and_equal_lanes<f64x8>(TypeParam::kBound.f64);
}

// The table at the head of math.h.
template <class T>
class MathTableTest : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(MathTableTest, Reals);

TYPED_TEST(MathTableTest, NaNInfinitiesAndZeros) {
  using T = TypeParam;
  constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();
  constexpr T kInf = std::numeric_limits<T>::infinity();
  const struct {
    const char* name;
    T (*f)(T);
    T at_nan, at_inf, at_minus_inf, at_zero, at_minus_zero;
  } table[] = {
      {"exp", [](T x) { return exp(x); }, kNaN, kInf, 0, 1, 1},
      {"log", [](T x) { return log(x); }, kNaN, kInf, kNaN, -kInf, -kInf},
      {"tanh", [](T x) { return tanh(x); }, kNaN, 1, -1, 0, T(-0.0)},
      {"sigmoid", [](T x) { return sigmoid(x); }, kNaN, 1, 0, T(0.5), T(0.5)},
      {"erf", [](T x) { return erf(x); }, kNaN, 1, -1, 0, T(-0.0)},
      {"sin", [](T x) { return sin(x); }, kNaN, kNaN, kNaN, 0, T(-0.0)},
      {"cos", [](T x) { return cos(x); }, kNaN, kNaN, kNaN, 1, 1},
      {"sqrt", [](T x) { return sqrt(x); }, kNaN, kInf, kNaN, 0, T(-0.0)},
      {"rsqrt", [](T x) { return rsqrt(x); }, kNaN, 0, kNaN, kInf, -kInf},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    EXPECT_SAME(row.f(kNaN), row.at_nan);
    EXPECT_SAME(row.f(kInf), row.at_inf);
    EXPECT_SAME(row.f(-kInf), row.at_minus_inf);
    EXPECT_SAME(row.f(T(0)), row.at_zero);
    EXPECT_SAME(row.f(T(-0.0)), row.at_minus_zero);
  }
  EXPECT_SAME(log(T(-1)), kNaN);
}

TYPED_TEST(MathTableTest, OddFunctionsAreOddAndBoundedOnesBounded) {
  using T = TypeParam;
  for (const T x : points<T, test::tanh_function>()) {
    EXPECT_SAME(tanh(-x), -tanh(x));
    EXPECT_SAME(erf(-x), -erf(x));
    EXPECT_SAME(sin(-x), -sin(x));
    EXPECT_SAME(cos(-x), cos(x));
    EXPECT_FALSE(abs(tanh(x)) > 1) << show(x);
    EXPECT_FALSE(abs(erf(x)) > 1) << show(x);
    EXPECT_FALSE(sigmoid(x) > 1 || sigmoid(x) < 0) << show(x);
  }
}

}  // namespace
}  // namespace gradc::core
