// log. math.h lists what all functions promise.
#pragma once

#include <gradc/core/math_parts.h>

namespace gradc::core::inline GRADC_TARGET {

namespace parts {

template <class T>
struct LogConstants;

// (log((1 + s) / (1 - s)) / s - 2) / s^2 as a polynomial in s^2, for |s| <= (sqrt2 - 1)/(sqrt2 +
// 1). Coefficients are minimax (Remez exchange, 200 bits, then rounded to nearest).
template <>
struct LogConstants<float> {
  static constexpr std::int32_t kSqrtHalf = 0x3f3504f3;  // bits of sqrt(1/2)
  static constexpr float kLeastNormal = 0x1p-126f, kLift = 0x1p23f, kLiftExponent = 23;
  static constexpr float kLn2High = 0x1.62e43p-1f, kLn2Low = -0x1.05c61p-29f;
  static constexpr float kLog[] = {0x1.55557ap-1f, 0x1.995eb4p-2f, 0x1.31e3a6p-2f};  // 2^-30.2
};
template <>
struct LogConstants<double> {
  static constexpr std::int64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
  static constexpr double kLeastNormal = 0x1p-1022, kLift = 0x1p52, kLiftExponent = 52;
  static constexpr double kLn2High = 0x1.62e42fefa39efp-1, kLn2Low = 0x1.abc9e3b39803fp-56;
  static constexpr double kLog[] = {0x1.5555555555592p-1, 0x1.999999997fd37p-2,  // 2^-59.4
                                    0x1.24924941f8d39p-2, 0x1.c71c5202b1b34p-3,
                                    0x1.7466405c123afp-3, 0x1.39a193329966ep-3,
                                    0x1.2f0705ace030ep-3};
};

}  // namespace parts

// log x = k ln 2 + log(1 + f) with x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2).
// With s = f / (2 + f), log(1 + f) = log((1 + s) / (1 - s)) = 2s + s R(s^2), and since
// 2s = f - s f and f - f^2 / 2 carries most of it, log(1 + f) = f - (f^2/2 - s (f^2/2 + R)).
template <RealLanes V>
GRADC_INLINE V log(V x) {
  using T = ElementOf<V>;
  using I = IntegerOf<V>;
  using C = parts::LogConstants<T>;
  using F = parts::Format<T>;
  const V zero = splat<V>(0);

  // Subnormal numbers are lifted among the normal ones, where exponents mean what they say.
  const auto subnormal = x < splat<V>(C::kLeastNormal);
  const V lifted = select(subnormal, x * splat<V>(C::kLift), x);
  const I above = parts::wrapping_difference(bits(lifted), splat<I>(C::kSqrtHalf));
  const I exponent = shift_right<F::kMantissaBits>(above);
  const V k = cast<V>(exponent) - select(subnormal, splat<V>(C::kLiftExponent), zero);
  const I mantissa =
      parts::wrapping_difference(bits(lifted), shift_left<F::kMantissaBits>(exponent));
  const V f = from_bits(mantissa) - splat<V>(1);

  const V s = f / (f + splat<V>(2));
  const V s2 = s * s;
  const V half_f2 = f * f * splat<V>(T(0.5));
  const V r = s2 * parts::polynomial(s2, C::kLog);
  const V low = fma(s, half_f2 + r, k * splat<V>(C::kLn2Low));
  const V result = fma(k, splat<V>(C::kLn2High), f - (half_f2 - low));

  const V ordinary = select(x < splat<V>(F::kInfinity), result, x);  // infinity and NaN stay
  const V at_zero = select(x == zero, splat<V>(-F::kInfinity), ordinary);
  return select(x < zero, splat<V>(F::kNaN), at_zero);
}

}  // namespace gradc::core::inline GRADC_TARGET
