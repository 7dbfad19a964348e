// Exact values of the functions of math.h, by MPFR, and the distance of a result from them.
#pragma once

#include <gradc/core/math.h>
#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace gradc::test {

using ExactFunction = int (*)(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding);

inline int exact_sigmoid(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  mpfr_neg(result, x, rounding);
  mpfr_exp(result, result, rounding);
  mpfr_add_ui(result, result, 1, rounding);
  return mpfr_ui_div(result, 1, result, rounding);
}

// MPFR's own gives +infinity at -0.
inline int exact_rsqrt(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  mpfr_sqrt(result, x, rounding);
  return mpfr_ui_div(result, 1, result, rounding);
}

template <class T>
inline constexpr T kNoLimit = std::numeric_limits<T>::infinity();

// A function of math.h, on any V, with what is known about it.
#define GRADC_TEST_FUNCTION(name, exact_function, bound, range, low, high)     \
  struct name##_function {                                                     \
    static constexpr const char* kName = #name;                                \
    static constexpr core::Ulp kBound = core::bound;                           \
    static constexpr ExactFunction kExact = exact_function;                    \
    template <class T>                                                         \
    static constexpr T kRange = range<T>;             /* NaN for |x| beyond */ \
    static constexpr double kLow = low, kHigh = high; /* where it varies */    \
    template <class V>                                                         \
    GRADC_INLINE V operator()(V x) const {                                     \
      return core::name(x);                                                    \
    }                                                                          \
  };
GRADC_TEST_FUNCTION(exp, mpfr_exp, kExpUlp, kNoLimit, -750, 715)
GRADC_TEST_FUNCTION(log, mpfr_log, kLogUlp, kNoLimit, 0, 4)
GRADC_TEST_FUNCTION(tanh, mpfr_tanh, kTanhUlp, kNoLimit, -20, 20)
GRADC_TEST_FUNCTION(sigmoid, exact_sigmoid, kSigmoidUlp, kNoLimit, -750, 40)
GRADC_TEST_FUNCTION(erf, mpfr_erf, kErfUlp, kNoLimit, -6.5, 6.5)
GRADC_TEST_FUNCTION(sin, mpfr_sin, kSinUlp, core::kTurnRange, -100, 100)
GRADC_TEST_FUNCTION(cos, mpfr_cos, kCosUlp, core::kTurnRange, -100, 100)
GRADC_TEST_FUNCTION(rsqrt, exact_rsqrt, kRsqrtUlp, kNoLimit, 0, 4)
#undef GRADC_TEST_FUNCTION

using Functions = ::testing::Types<exp_function, log_function, tanh_function, sigmoid_function,
                                   erf_function, sin_function, cos_function, rsqrt_function>;

struct FunctionNames {
  template <class F>
  static std::string GetName(int) {
    return F::kName;
  }
};

// The exponent of the unit in the last place of a value of T with that magnitude.
template <class T>
int unit_exponent(long double magnitude) {
  int exponent;
  std::frexp(magnitude, &exponent);
  using Limits = std::numeric_limits<T>;
  return std::max(exponent, Limits::min_exponent) - Limits::digits;
}

// Computes exactly; one per thread.
class Exact {
 public:
  Exact() {
    mpfr_init2(x_, 64);
    mpfr_init2(y_, 200);
  }
  ~Exact() {
    mpfr_clear(x_);
    mpfr_clear(y_);
  }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  // |result - f(x)| in units in the last place of f(x): 0 if both are NaN or the same infinity. A
  // result that overflowed counts as the power of two above the largest number, where IEEE 754
  // rounds to infinity.
  template <class T>
  double ulp(ExactFunction f, T x, T result) {
    mpfr_set_d(x_, static_cast<double>(x), MPFR_RNDN);
    f(y_, x_, MPFR_RNDN);
    const long double exact = mpfr_get_ld(y_, MPFR_RNDN);
    if (std::isnan(exact) || std::isnan(result)) {
      return std::isnan(exact) && std::isnan(result) ? 0 : HUGE_VAL;
    }
    if (std::isinf(exact) || result == exact) return result == exact ? 0 : HUGE_VAL;
    const long double overflow = std::ldexp(1.0L, std::numeric_limits<T>::max_exponent);
    const long double got = std::isinf(result) ? std::copysign(overflow, result) : result;
    if (std::abs(exact) >= overflow && got * exact > 0 && std::isinf(result)) return 0;
    mpfr_set_ld(x_, got, MPFR_RNDN);
    mpfr_sub(y_, y_, x_, MPFR_RNDN);
    mpfr_abs(y_, y_, MPFR_RNDN);
    const int unit = unit_exponent<T>(std::min(std::abs(exact), overflow));
    mpfr_mul_2si(y_, y_, -unit, MPFR_RNDN);
    return mpfr_get_d(y_, MPFR_RNDN);
  }

 private:
  mpfr_t x_, y_;
};

}  // namespace gradc::test
