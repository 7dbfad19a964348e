// What the functions of math.h have in common: polynomials, rounding to an integer, powers of two.
// Each is written once for float, double, f32x16 and f64x8, and gives the same bits for all.
#pragma once

#include <gradc/core/vector.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace gradc::core::inline GRADC_TARGET::parts {

// c[0] + x (c[1] + x (c[2] + ...)), one fused multiply-add a coefficient.
template <std::size_t first = 0, AnyLanes V, std::size_t n>
GRADC_INLINE V polynomial(V x, const ElementOf<V> (&c)[n]) {
  if constexpr (first + 1 == n) {
    return splat<V>(c[first]);
  } else {
    return fma(polynomial<first + 1>(x, c), x, splat<V>(c[first]));
  }
}

template <class T>
struct Format;
template <>
struct Format<float> {
  static constexpr int kMantissaBits = 23, kBias = 127;
  static constexpr float kMagic = 0x1.8p23f, kInfinity = __builtin_huge_valf();
  static constexpr float kNaN = __builtin_nanf("");
};
template <>
struct Format<double> {
  static constexpr int kMantissaBits = 52, kBias = 1023;
  static constexpr double kMagic = 0x1.8p52, kInfinity = __builtin_huge_val();
  static constexpr double kNaN = __builtin_nan("");
};

// An integer, in both representations.
template <class V>
struct Rounded {
  V real;
  IntegerOf<V> whole;
};

// The integer nearest to x * y, for |x * y| < 2^22 (f32) or 2^51 (f64). Adding 1.5 * 2^23, where
// floats are one apart, rounds without a conversion, and leaves the integer in the low bits.
template <AnyLanes V>
GRADC_INLINE Rounded<V> round_product(V x, ElementOf<V> y) {
  const V magic = splat<V>(Format<ElementOf<V>>::kMagic);
  const V sum = fma(x, splat<V>(y), magic);
  return {sum - magic, bits(sum) - bits(magic)};
}

// a - b modulo 2^32 or 2^64, which scalars leave undefined and vectors do anyway.
template <AnyLanes I>
GRADC_INLINE I wrapping_difference(I a, I b) {
  if constexpr (ScalarLane<I>) {
    using Word = std::make_unsigned_t<I>;
    return static_cast<I>(static_cast<Word>(a) - static_cast<Word>(b));
  } else {
    return a - b;
  }
}

// 2^n, for n within the exponents of normal numbers.
template <AnyLanes V>
GRADC_INLINE V power_of_two(IntegerOf<V> n) {
  using F = Format<ElementOf<V>>;
  return from_bits(shift_left<F::kMantissaBits>(n + splat<IntegerOf<V>>(F::kBias)));
}

// x * 2^n with one rounding, for 1/2 <= x <= 2 and n up to twice the largest exponent either way.
// Without an instruction for it: with h = floor(n / 2), x * 2^h is exact, and so is 2^(n - h).
template <AnyLanes V>
GRADC_INLINE V scale(V x, Rounded<V> n) {
  if constexpr (requires { scale_by_instruction(x, n.real); }) {
    return scale_by_instruction(x, n.real);
  } else {
    const IntegerOf<V> half = shift_right<1>(n.whole);
    return x * power_of_two<V>(half) * power_of_two<V>(n.whole - half);
  }
}

// |x| with the sign of y, for x whose sign bit is clear.
template <AnyLanes V>
GRADC_INLINE V with_sign_of(V x, V y) {
  return from_bits(bits(x) | (bits(y) & bits(-splat<V>(0))));
}

template <AnyLanes V>
GRADC_INLINE V clamp(V x, ElementOf<V> low, ElementOf<V> high) {
  return max(min(x, splat<V>(high)), splat<V>(low));
}

}  // namespace gradc::core::inline GRADC_TARGET::parts
