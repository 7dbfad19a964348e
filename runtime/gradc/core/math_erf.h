// erf. math.h lists what all functions promise.
#pragma once

#include <gradc/core/math_exp.h>

namespace gradc::core::inline GRADC_TARGET {

namespace parts {

template <class T>
struct ErfConstants;

// Coefficients are minimax (Remez exchange, 200 bits, then rounded to nearest).
template <>
struct ErfConstants<float> {
  static constexpr float kSplit = 0.92f, kErfIsOne = 4;
  // erf(t) / t - 1 as a polynomial in t^2 on 0 .. kSplit: erf has a relative error below 2^-25.7.
  static constexpr float kSmall[] = {0x1.06eba6p-3f,  -0x1.8126dcp-2f, 0x1.ce1904p-4f,
                                     -0x1.b676cap-6f, 0x1.46c234p-8f,  -0x1.3825c6p-11f};
  // log(1 - erf(t)) on kSplit .. kErfIsOne: erf has a relative error below 2^-29.2.
  static constexpr float kLogRest[] = {-0x1.9a5ca2p-13f, -0x1.20af5ap+0f, -0x1.463cc0p-1f,
                                       -0x1.a9b42ep-4f,  0x1.6c2a76p-6f,  -0x1.8ee16cp-9f,
                                       0x1.9ae8fep-13f};
};

template <>
struct ErfConstants<double> {
  static constexpr double kSplit = 1, kErfIsOne = 6;
  // As above: relative error below 2^-56.9.
  static constexpr double kSmall[] = {
      0x1.06eba8214db68p-3,  -0x1.812746b0379bdp-2,  0x1.ce2f21a040d16p-4,  -0x1.b82ce311fa93ep-6,
      0x1.565bccf92b2f9p-8,  -0x1.c02db03dd71d4p-11, 0x1.f9a2baa8fedd2p-14, -0x1.f4ca4d6f3e30fp-17,
      0x1.b97fd3d992938p-20, -0x1.5c0726f04dcfcp-23, 0x1.d71b0f1b10a67p-27, -0x1.abae491c443b1p-31};
  // As above: relative error below 2^-56.8.
  static constexpr double kLogRest[] = {
      -0x1.f88497f91e3f5p-22, -0x1.20dd24fd7ec22p+0,  -0x1.45f5fa9891d55p-1,
      -0x1.a4b0189de4591p-4,  0x1.373e231f3f833p-6,   0x1.a543f044ec13fp-12,
      -0x1.f3de1374fbe11p-10, 0x1.904023e0b784fp-11,  -0x1.11c92d7ea46acp-13,
      -0x1.79141a3813612p-16, 0x1.8d3ecee3a7d10p-16,  -0x1.2b87d05324d3fp-17,
      0x1.26d511be9ee95p-19,  -0x1.9c7fa2aa4d735p-22, 0x1.9af1831afc0bbp-25,
      -0x1.171f7984800eap-28, 0x1.d13b9b34b8104p-33,  -0x1.679ad578f595ep-38};
};

}  // namespace parts

// With t = |x|: below kSplit erf(t) = t + t P(t^2), and above, erf(t) = 1 - e^Q(t) where Q is a
// polynomial for log(1 - erf(t)): the exponential is at most 0.2, so that its error and Q's count
// that much less. From kErfIsOne on the result rounds to 1.
template <RealLanes V>
GRADC_INLINE V erf(V x) {
  using C = parts::ErfConstants<ElementOf<V>>;
  const V t = min(abs(x), splat<V>(C::kErfIsOne));
  const V small = fma(parts::polynomial(t * t, C::kSmall), t, t);
  const V large = splat<V>(1) - exp(parts::polynomial(t, C::kLogRest));
  return parts::with_sign_of(select(t < splat<V>(C::kSplit), small, large), x);
}

}  // namespace gradc::core::inline GRADC_TARGET
