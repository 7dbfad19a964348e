// Vector mathematics with stated errors: no calls, no tables, the same bits on every machine.
//
// V is float, double, f32x16 or f64x8; a lane has the bits of the scalar function. All are pure.
// The bound is the distance to the exact result in units in the last place of the exact result,
// for every input in the range; subnormal results count in units of the least subnormal number.
//
//   function     f32, f64 bound          range        x = NaN  +inf  -inf  +0    -0
//   exp          kExpUlp                 all          NaN      +inf  +0    1     1
//   log          kLogUlp                 all          NaN      +inf  NaN   -inf  -inf; NaN below 0
//   tanh         kTanhUlp                all          NaN      1     -1    +0    -0
//   sigmoid      kSigmoidUlp             all          NaN      1     +0    1/2   1/2
//   erf          kErfUlp                 all          NaN      1     -1    +0    -0
//   sin          kSinUlp                 |x| <= 2^20  NaN      NaN   NaN   +0    -0
//   cos          kCosUlp                 |x| <= 2^20  NaN      NaN   NaN   1     1
//   sqrt         correctly rounded       all          NaN      +inf  NaN   +0    -0
//   rsqrt        kRsqrtUlp               all          NaN      +0    NaN   +inf  -inf
//
// sin and cos are computed up to kTurnRange, in f64 2^49. Beyond it neighbouring numbers lie an
// eighth of a radian apart or more, and the result is NaN rather than noise.
#pragma once

#include <gradc/core/math_erf.h>
#include <gradc/core/math_exp.h>
#include <gradc/core/math_log.h>
#include <gradc/core/math_trigonometry.h>
#include <gradc/core/narrow.h>

namespace gradc::core::inline GRADC_TARGET {

// The largest error of a function, in units in the last place. In f32 each has been measured on all
// 2^32 inputs, from exp, 0.895, to tanh, 2.566.
struct Ulp {
  double f32, f64;
};

inline constexpr Ulp kExpUlp{1, 1};
inline constexpr Ulp kLogUlp{1, 1};
inline constexpr Ulp kTanhUlp{2.6, 2.6};
inline constexpr Ulp kSigmoidUlp{2.5, 2.5};
inline constexpr Ulp kErfUlp{1.5, 1.5};
inline constexpr Ulp kSinUlp{2, 2};
inline constexpr Ulp kCosUlp{2, 2};
inline constexpr Ulp kRsqrtUlp{1.5, 1.5};

// 1 / sqrt(x), by two correctly rounded operations rather than an estimate, which no two makers of
// processors agree on.
template <RealLanes V>
GRADC_INLINE V rsqrt(V x) {
  return splat<V>(1) / sqrt(x);
}

}  // namespace gradc::core::inline GRADC_TARGET
