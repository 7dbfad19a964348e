// sin and cos. math.h lists what all functions promise.
#pragma once

#include <gradc/core/math_parts.h>

namespace gradc::core::inline GRADC_TARGET {

// The largest |x| for which sin and cos are computed.
template <class T>
inline constexpr T kTurnRange = 0;
template <>
inline constexpr float kTurnRange<float> = 0x1p20f;
template <>
inline constexpr double kTurnRange<double> = 0x1p49;

namespace parts {

template <class T>
struct TrigonometryConstants;

// pi/2 is the sum of three numbers. Sines and cosines are minimax (Remez exchange, 200 bits, then
// rounded to nearest) as polynomials in r^2, on |r| <= 0.82: at the end of the range, x * 2/pi is
// so coarse that n may miss the nearest integer by 0.02, and r exceeds pi/4.
template <>
struct TrigonometryConstants<float> {
  static constexpr float kTwoOverPi = 0x1.45f306p-1f;
  static constexpr float kHalfPi[] = {0x1.921fb6p+0f, -0x1.777a5cp-25f, -0x1.ee59dap-50f};
  static constexpr float kSin[] = {-0x1.55554p-3f, 0x1.11056p-7f, -0x1.98a68ap-13f};    // 2^-27.4
  static constexpr float kCos[] = {0x1.55554cp-5f, -0x1.6c0cecp-10f, 0x1.99edaep-16f};  // 2^-31.6
};
template <>
struct TrigonometryConstants<double> {
  static constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
  static constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                       -0x1.f1976b7ed8fbcp-110};
  static constexpr double kSin[] = {-0x1.555555555554p-3,   0x1.111111110ea22p-7,
                                    -0x1.a01a019a4b03p-13,  0x1.71de33f279c41p-19,
                                    -0x1.ae5d39f62ee22p-26, 0x1.5d3d6141bec6dp-33};  // 2^-57.0
  static constexpr double kCos[] = {0x1.5555555555545p-5,  -0x1.6c16c16c14339p-10,
                                    0x1.a01a019b4c4e4p-16, -0x1.27e4f708408dcp-22,
                                    0x1.1ee93db925f8fp-29, -0x1.8f552b1e95e58p-37};  // 2^-63.2
};

template <class V>
struct Turn {
  V sin, cos;            // of r
  IntegerOf<V> quarter;  // n, where |x| = n pi/2 + r
};

// |x| = n pi/2 + r with |r| <= 0.82. The product of n and the first part of pi/2 cancels against
// |x| without an error; the others bring r to full precision even where it nearly vanishes.
// sin r = r + r^3 S(r^2), cos r = 1 - r^2/2 + r^4 C(r^2).
template <AnyLanes V>
GRADC_INLINE Turn<V> turn(V x) {
  using T = ElementOf<V>;
  using C = TrigonometryConstants<T>;
  const V size = abs(x);
  const auto n = round_product(
      select(size <= splat<V>(kTurnRange<T>), size, splat<V>(Format<T>::kNaN)), C::kTwoOverPi);
  V r = fma(n.real, splat<V>(-C::kHalfPi[0]), size);
  r = fma(n.real, splat<V>(-C::kHalfPi[1]), r);
  r = fma(n.real, splat<V>(-C::kHalfPi[2]), r);
  const V r2 = r * r;
  const V sine = fma(r * r2, polynomial(r2, C::kSin), r);
  const V tail = fma(r2 * r2, polynomial(r2, C::kCos), r2 * splat<V>(T(-0.5)));
  return {sine, tail + splat<V>(1), n.whole};
}

// The bits of -0 for the quarters 2 and 3 of a circle, of +0 for 0 and 1.
template <AnyLanes V>
GRADC_INLINE IntegerOf<V> sign_of_quarter(IntegerOf<V> quarter) {
  using I = IntegerOf<V>;
  return shift_left<8 * sizeof(ElementOf<V>) - 2>(quarter & splat<I>(2));
}

template <AnyLanes V>
GRADC_INLINE V sine_of(V x, Turn<V> turn) {
  using I = IntegerOf<V>;
  const V size = select((turn.quarter & splat<I>(1)) == splat<I>(0), turn.sin, turn.cos);
  const I sign = sign_of_quarter<V>(turn.quarter) ^ (bits(x) & bits(-splat<V>(0)));
  return from_bits(bits(size) ^ sign);
}

// cos x = sin(|x| + pi/2), a quarter ahead.
template <AnyLanes V>
GRADC_INLINE V cosine_of(Turn<V> turn) {
  using I = IntegerOf<V>;
  const V size = select((turn.quarter & splat<I>(1)) == splat<I>(0), turn.cos, turn.sin);
  return from_bits(bits(size) ^ sign_of_quarter<V>(turn.quarter + splat<I>(1)));
}

}  // namespace parts

template <RealLanes V>
GRADC_INLINE V sin(V x) {
  return parts::sine_of(x, parts::turn(x));
}

template <RealLanes V>
GRADC_INLINE V cos(V x) {
  return parts::cosine_of(parts::turn(x));
}

}  // namespace gradc::core::inline GRADC_TARGET
