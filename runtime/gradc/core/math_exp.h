// exp, tanh and sigmoid. math.h lists what all functions promise.
#pragma once

#include <gradc/core/math_parts.h>

namespace gradc::core::inline GRADC_TARGET {

namespace parts {

template <class T>
struct ExpConstants;

// Coefficients are minimax (Remez exchange, 200 bits, then rounded to nearest).
template <>
struct ExpConstants<float> {
  static constexpr float kLog2E = 0x1.715476p+0f;
  static constexpr float kLn2High = 0x1.62e43p-1f, kLn2Low = -0x1.05c61p-29f;
  // exp(89) is above all floats and exp(-104) nearer to 0 than to the least subnormal.
  static constexpr float kLowest = -104, kHighest = 89;
  // (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2, so that e^r has a relative error below 2^-28.2.
  static constexpr float kExp[] = {0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558f2p-5f, 0x1.1239e2p-7f,
                                   0x1.6a2434p-10f};
  // ((e^2r - 1) / 2 - r) / r^2 on |r| <= ln(2) / 4, so that e^2r - 1 has a relative error below
  // 2^-26.1.
  static constexpr float kHalfExpm1[] = {0x1.fffffep-1f, 0x1.5554bp-1f, 0x1.555674p-2f,
                                         0x1.122776p-3f, 0x1.6bec06p-5f};
  // tanh rounds to 1 from here on.
  static constexpr float kTanhIsOne = 9.1f;
};

template <>
struct ExpConstants<double> {
  static constexpr double kLog2E = 0x1.71547652b82fep+0;
  static constexpr double kLn2High = 0x1.62e42fefa39efp-1, kLn2Low = 0x1.abc9e3b39803fp-56;
  static constexpr double kLowest = -746, kHighest = 710;
  // As above: relative error below 2^-57.9.
  static constexpr double kExp[] = {
      0x1.000000000000ap-1,  0x1.55555555554fap-3,  0x1.555555555087cp-5,  0x1.1111111127be7p-7,
      0x1.6c16c1842a146p-10, 0x1.a01a012a56eaep-13, 0x1.a0199a0c6051fp-16, 0x1.71df255414fb1p-19,
      0x1.28ad72d2ab831p-22, 0x1.ad7f6bf641242p-26};
  // As above: relative error below 2^-61.7.
  static constexpr double kHalfExpm1[] = {0x1p+0,
                                          0x1.5555555555559p-1,
                                          0x1.555555555553fp-2,
                                          0x1.111111110f6dap-3,
                                          0x1.6c16c16c1f076p-5,
                                          0x1.a01a01afd3e6bp-7,
                                          0x1.a01a017bc728dp-9,
                                          0x1.71ddf87eacb85p-11,
                                          0x1.27e5362ab05fdp-13,
                                          0x1.af5e751c3e928p-16,
                                          0x1.1ee88a10a430dp-18};
  static constexpr double kTanhIsOne = 19.1;
};

}  // namespace parts

// e^x = 2^n e^r with n = round(x / ln 2) and r = x - n ln 2, |r| <= ln(2) / 2.
// The high part of n ln 2 cancels against x without an error, so r is rounded once.
template <RealLanes V>
GRADC_INLINE V exp(V x) {
  using C = parts::ExpConstants<ElementOf<V>>;
  x = parts::clamp(x, C::kLowest, C::kHighest);
  const auto n = parts::round_product(x, C::kLog2E);
  V r = fma(n.real, splat<V>(-C::kLn2High), x);
  r = fma(n.real, splat<V>(-C::kLn2Low), r);
  const V one = splat<V>(1);
  const V p = fma(fma(parts::polynomial(r, C::kExp), r, one), r, one);
  return parts::scale(p, n);
}

// tanh(x) = E / (E + 1) for x >= 0, with E = (e^2x - 1) / 2 = 2^n h + (2^n - 1) / 2,
// n = round(2x / ln 2), r = x - n ln(2) / 2 and h = (e^2r - 1) / 2; and tanh(-x) = -tanh(x).
// Nothing cancels: for small x, n = 0 and E is h, a polynomial. One constant is enough for ln 2,
// since n <= 27 and tanh flattens as n grows. E + 1 is never below E, so no result exceeds 1.
template <RealLanes V>
GRADC_INLINE V tanh(V x) {
  using T = ElementOf<V>;
  using C = parts::ExpConstants<T>;
  const V size = min(abs(x), splat<V>(C::kTanhIsOne));
  const auto n = parts::round_product(size, 2 * C::kLog2E);
  const V r = fma(n.real, splat<V>(C::kLn2High / -2), size);
  const V h = fma(r * r, parts::polynomial(r, C::kHalfExpm1), r);
  const V power = parts::power_of_two<V>(n.whole);
  const V e = fma(power, h, fma(power, splat<V>(T(0.5)), splat<V>(T(-0.5))));
  return parts::with_sign_of(e / (e + splat<V>(1)), x);
}

// 1 / (1 + e^-x), and for negative x the equal e^x / (1 + e^x), which does not overflow.
template <RealLanes V>
GRADC_INLINE V sigmoid(V x) {
  const V one = splat<V>(1);
  const V e = exp(-abs(x));
  return select(x < splat<V>(0), e, one) / (one + e);
}

}  // namespace gradc::core::inline GRADC_TARGET
