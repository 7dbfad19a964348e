// Numbers in fewer bits: bf16, the upper half of a float, and int8.
//
//   round_to_bf16(x)       the nearest number of 8 significant bits, ties to even; below 2^-126 a
//                          zero of the same sign, as the machines have it that know the format
//   round_to_int8(x)       the nearest whole number from -127 to 127, ties to even; 0 for NaN
//   load<V>(p)             of float or f32x16, from bf16 or std::int8_t: exact
//   store(p, x), store_first(p, x, n)   to bf16 or std::int8_t: rounded as above
//
// A product of two bf16 is exact in f32, so that a sum of products needs one rounding a product.
// bf16x32 is sixteen pairs:
//
//   load_pairs(p, q)       pair i is (p[i], q[i])
//   splat_pair(p)          every pair is (p[0], p[1])
//   dot(a, b, sum)         fma(a.first, b.first, fma(a.second, b.second, sum)), lane by lane
//
// That is the order of the instruction that AVX512-BF16 has for it, and what all others compute;
// the instruction takes and gives zero for subnormal sums, the others do not.
#pragma once

#include <gradc/core/vector.h>

#include <cstdint>

namespace gradc::core::inline GRADC_TARGET {

// ---- rounding ----

template <F32 V>
GRADC_INLINE V round_to_bf16(V x) {
  using I = IntegerOf<V>;
  const I word = bits(x);
  const I odd = shift_right_logical<16>(word) & splat<I>(1);
  const I nearest =
      (word + odd + splat<I>(0x7fff)) & splat<I>(static_cast<std::int32_t>(0xffff0000));
  // The sum would run over in a NaN's payload, and its upper half alone may be that of infinity.
  const V nan = from_bits(word | splat<I>(0x00400000));
  const V rounded = select(x == x, from_bits(nearest), nan);
  const V zero = from_bits(word & splat<I>(INT32_MIN));
  return select(abs(x) < splat<V>(0x1p-126f), zero, rounded);
}
template <F64 V>
GRADC_INLINE V round_to_bf16(V x) {
  using I = IntegerOf<V>;
  const I word = bits(x);
  const I odd = shift_right_logical<45>(word) & splat<I>(1);
  const I kept = splat<I>(static_cast<std::int64_t>(~((std::uint64_t{1} << 45) - 1)));
  const I nearest = (word + odd + splat<I>((std::int64_t{1} << 44) - 1)) & kept;
  const V sign = from_bits(word & splat<I>(INT64_MIN));
  const V infinite = from_bits(bits(sign) | bits(splat<V>(__builtin_huge_val())));
  const V rounded =
      select(abs(from_bits(nearest)) < splat<V>(0x1p128), from_bits(nearest), infinite);
  return select(abs(x) < splat<V>(0x1p-126), sign, select(x == x, rounded, x));
}

template <RealLanes V>
GRADC_INLINE V round_to_int8(V x) {
  // The sum has no room for a fraction.
  constexpr ElementOf<V> kMagic = sizeof(ElementOf<V>) == 8 ? 0x1.8p52 : 0x1.8p23;
  const V whole = max(min(x, splat<V>(127)), splat<V>(-127)) + splat<V>(kMagic) - splat<V>(kMagic);
  return select(x == x, whole, splat<V>(0));
}

// ---- memory ----

struct bf16 {
  std::uint16_t word;

  bf16() = default;
  GRADC_INLINE bf16(float x)
      : word(static_cast<std::uint16_t>(shift_right_logical<16>(bits(round_to_bf16(x))))) {}
  GRADC_INLINE operator float() const {
    return from_bits(static_cast<std::int32_t>(std::uint32_t{word} << 16));
  }
};

template <class T>
concept NarrowElement = __is_same(T, bf16) || __is_same(T, std::int8_t);

#if defined(GRADC_TARGET_AVX512)

GRADC_INLINE f32x16 widened(const bf16* p) {
  const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16))};
}
GRADC_INLINE f32x16 widened(const std::int8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))};
}
GRADC_INLINE void store(bf16* p, f32x16 x) {
  const __m512i words = _mm512_srli_epi32(bits(round_to_bf16(x)).a, 16);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(words));
}
GRADC_INLINE void store(std::int8_t* p, f32x16 x) {
  const __m512i whole = cast<i32x16>(round_to_int8(x)).a;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(whole));
}

#elif defined(GRADC_TARGET_AVX2)

GRADC_INLINE f32x16 widened(const bf16* p) {
  const auto half = [](const bf16* from) GRADC_INLINE_LAMBDA {
    const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(words), 16));
  };
  return {half(p), half(p + 8)};
}
GRADC_INLINE f32x16 widened(const std::int8_t* p) {
  const auto half = [](const std::int8_t* from) GRADC_INLINE_LAMBDA {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
  };
  return {half(p), half(p + 8)};
}

#else

template <NarrowElement T>
GRADC_INLINE f32x16 widened(const T* p) {
  return generate<f32x16>([&](int i) GRADC_INLINE_LAMBDA { return static_cast<float>(p[i]); });
}

#endif

#if !defined(GRADC_TARGET_AVX512)

GRADC_INLINE void store(bf16* p, f32x16 x) {
  alignas(64) std::int32_t word[16];
  store(word, bits(round_to_bf16(x)));
  for (int i = 0; i < 16; ++i)
    p[i].word = static_cast<std::uint16_t>(shift_right_logical<16>(word[i]));
}
GRADC_INLINE void store(std::int8_t* p, f32x16 x) {
  alignas(64) std::int32_t whole[16];
  store(whole, cast<i32x16>(round_to_int8(x)));
  for (int i = 0; i < 16; ++i) p[i] = static_cast<std::int8_t>(whole[i]);
}

#endif

template <AnyLanes V, NarrowElement T>
  requires F32<V>
GRADC_INLINE V load(const T* p) {
  if constexpr (ScalarLane<V>) {
    return static_cast<float>(*p);
  } else {
    return widened(p);
  }
}
GRADC_INLINE void store(bf16* p, float x) { *p = x; }
GRADC_INLINE void store(std::int8_t* p, float x) {
  *p = static_cast<std::int8_t>(cast<std::int32_t>(round_to_int8(x)));
}
template <NarrowElement T>
GRADC_INLINE void store_first(T* p, f32x16 x, int n) {
  T all[16];
  store(all, x);
  for (int i = 0; i < n; ++i) p[i] = all[i];
}

// ---- sums of products ----

#if defined(GRADC_TARGET_BF16)

struct bf16x32 {
  __m512bh a;
};

GRADC_INLINE bf16x32 load_pairs(const bf16* p, const bf16* q) {
  const __m512i first =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  const __m512i second =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(q)));
  return {__builtin_bit_cast(__m512bh, _mm512_or_si512(first, _mm512_slli_epi32(second, 16)))};
}
GRADC_INLINE bf16x32 splat_pair(const bf16* p) {
  std::int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return {__builtin_bit_cast(__m512bh, _mm512_set1_epi32(pair))};
}
GRADC_INLINE f32x16 dot(bf16x32 a, bf16x32 b, f32x16 sum) {
  return {_mm512_dpbf16_ps(sum.a, a.a, b.a)};
}

#else

struct bf16x32 {
  f32x16 first, second;
};

GRADC_INLINE bf16x32 load_pairs(const bf16* p, const bf16* q) { return {widened(p), widened(q)}; }
GRADC_INLINE bf16x32 splat_pair(const bf16* p) {
  return {splat<f32x16>(p[0]), splat<f32x16>(p[1])};
}
GRADC_INLINE f32x16 dot(bf16x32 a, bf16x32 b, f32x16 sum) {
  return fma(a.first, b.first, fma(a.second, b.second, sum));
}

#endif

}  // namespace gradc::core::inline GRADC_TARGET
