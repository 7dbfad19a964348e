// Vectors of 64 bytes as two AVX2 registers. Included by vector.h, which documents the functions.
#pragma once

#include <gradc/core/lanes.h>
#include <immintrin.h>

namespace gradc::core::inline GRADC_TARGET {

struct f32x16 {
  __m256 a, b;
};
struct f64x8 {
  __m256d a, b;
};
struct i32x16 {
  __m256i a, b;
};
struct i64x8 {
  __m256i a, b;
};
struct m32x16 {
  __m256i a, b;
};  // all bits of a lane, or none
struct m64x8 {
  __m256i a, b;
};

// What the instruction set has no single instruction for, a register at a time.
namespace native {

GRADC_INLINE __m256i all_ones() { return _mm256_set1_epi32(-1); }
GRADC_INLINE __m256i invert(__m256i x) { return _mm256_xor_si256(x, all_ones()); }
// Both compilers know this one, and make one instruction of fma(-x, y, z).
GRADC_INLINE __m256 negate(__m256 x) { return -x; }
GRADC_INLINE __m256d negate(__m256d x) { return -x; }
GRADC_INLINE __m256 absolute(__m256 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
GRADC_INLINE __m256d absolute(__m256d x) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), x); }

// The instruction returns its second operand if either is NaN or both are zero; ours, the first.
GRADC_INLINE __m256 maximum(__m256 x, __m256 y) { return _mm256_max_ps(y, x); }
GRADC_INLINE __m256 minimum(__m256 x, __m256 y) { return _mm256_min_ps(y, x); }
GRADC_INLINE __m256d maximum(__m256d x, __m256d y) { return _mm256_max_pd(y, x); }
GRADC_INLINE __m256d minimum(__m256d x, __m256d y) { return _mm256_min_pd(y, x); }

template <int predicate>
GRADC_INLINE __m256i compare(__m256 x, __m256 y) {
  return _mm256_castps_si256(_mm256_cmp_ps(x, y, predicate));
}
template <int predicate>
GRADC_INLINE __m256i compare(__m256d x, __m256d y) {
  return _mm256_castpd_si256(_mm256_cmp_pd(x, y, predicate));
}
GRADC_INLINE __m256i less_32(__m256i x, __m256i y) { return _mm256_cmpgt_epi32(y, x); }
GRADC_INLINE __m256i less_64(__m256i x, __m256i y) { return _mm256_cmpgt_epi64(y, x); }
GRADC_INLINE __m256i less_equal_32(__m256i x, __m256i y) { return invert(less_32(y, x)); }
GRADC_INLINE __m256i less_equal_64(__m256i x, __m256i y) { return invert(less_64(y, x)); }
GRADC_INLINE __m256i unequal_32(__m256i x, __m256i y) { return invert(_mm256_cmpeq_epi32(x, y)); }
GRADC_INLINE __m256i unequal_64(__m256i x, __m256i y) { return invert(_mm256_cmpeq_epi64(x, y)); }

GRADC_INLINE __m256 choose(__m256i mask, __m256 x, __m256 y) {
  return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(mask));
}
GRADC_INLINE __m256d choose(__m256i mask, __m256d x, __m256d y) {
  return _mm256_blendv_pd(y, x, _mm256_castsi256_pd(mask));
}
GRADC_INLINE __m256i choose(__m256i mask, __m256i x, __m256i y) {
  return _mm256_blendv_epi8(y, x, mask);
}

GRADC_INLINE __m256i maximum_64(__m256i x, __m256i y) { return choose(less_64(x, y), y, x); }
GRADC_INLINE __m256i minimum_64(__m256i x, __m256i y) { return choose(less_64(y, x), y, x); }
GRADC_INLINE __m256i absolute_64(__m256i x) {
  const __m256i sign = less_64(x, _mm256_setzero_si256());
  return _mm256_sub_epi64(_mm256_xor_si256(x, sign), sign);
}
// The low words' product, and the two mixed products in its upper half.
GRADC_INLINE __m256i multiply_64(__m256i x, __m256i y) {
  const __m256i mixed = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(x, 32), y),
                                         _mm256_mul_epu32(x, _mm256_srli_epi64(y, 32)));
  return _mm256_add_epi64(_mm256_mul_epu32(x, y), _mm256_slli_epi64(mixed, 32));
}
GRADC_INLINE __m256i multiply_high_32(__m256i x, __m256i y) {
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(x, y), 32);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32));
  return _mm256_blend_epi32(even, odd, 0b10101010);
}
template <int n>
GRADC_INLINE __m256i shift_right_64(__m256i x) {
  if constexpr (n == 0) return x;
  const __m256i sign = less_64(x, _mm256_setzero_si256());
  return _mm256_or_si256(_mm256_srli_epi64(x, n), _mm256_slli_epi64(sign, 64 - n));
}

// Toward zero; the instruction gives INT32_MIN for all that does not fit.
GRADC_INLINE __m256i to_integer(__m256 x) {
  const __m256i ordered = compare<_CMP_ORD_Q>(x, x);
  const __m256i above = compare<_CMP_GE_OQ>(x, _mm256_set1_ps(0x1p31f));
  const __m256i truncated = _mm256_and_si256(_mm256_cvttps_epi32(x), ordered);
  return choose(above, _mm256_set1_epi32(INT32_MAX), truncated);
}
// For |x| <= 2^51: added to 1.5 * 2^52, where doubles are one apart, x shows in the low bits.
GRADC_INLINE __m256i to_integer(__m256d x) {
  const __m256i ordered = compare<_CMP_ORD_Q>(x, x);
  const __m256d end = _mm256_set1_pd(0x1p51), magic = _mm256_set1_pd(0x1.8p52);
  const __m256d within = maximum(minimum(x, end), negate(end));
  const __m256d truncated = _mm256_round_pd(within, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  const __m256i lifted = _mm256_castpd_si256(_mm256_add_pd(truncated, magic));
  return _mm256_and_si256(_mm256_sub_epi64(lifted, _mm256_castpd_si256(magic)), ordered);
}
GRADC_INLINE __m256d to_real(__m256i x) {
  const __m256d magic = _mm256_set1_pd(0x1.8p52);
  const __m256i lifted = _mm256_add_epi64(x, _mm256_castpd_si256(magic));
  return _mm256_sub_pd(_mm256_castsi256_pd(lifted), magic);
}

}  // namespace native

// One function a line: its result, its name, its operands, and what happens to each register.
#define GRADC_UNARY(R, name, V, ...) \
  GRADC_INLINE R name(V x) { return {__VA_ARGS__(x.a), __VA_ARGS__(x.b)}; }
#define GRADC_BINARY(R, name, V, ...) \
  GRADC_INLINE R name(V x, V y) { return {__VA_ARGS__(x.a, y.a), __VA_ARGS__(x.b, y.b)}; }
#define GRADC_TERNARY(R, name, T, V, ...)                            \
  GRADC_INLINE R name(T x, V y, V z) {                               \
    return {__VA_ARGS__(x.a, y.a, z.a), __VA_ARGS__(x.b, y.b, z.b)}; \
  }
#define GRADC_SHIFT(name, V, ...)                      \
  template <int n>                                     \
  GRADC_INLINE V name(V x) {                           \
    return {__VA_ARGS__(x.a, n), __VA_ARGS__(x.b, n)}; \
  }

// ---- f32x16 ----

GRADC_BINARY(f32x16, operator+, f32x16, _mm256_add_ps)
GRADC_BINARY(f32x16, operator-, f32x16, _mm256_sub_ps)
GRADC_BINARY(f32x16, operator*, f32x16, _mm256_mul_ps)
GRADC_BINARY(f32x16, operator/, f32x16, _mm256_div_ps)
GRADC_BINARY(f32x16, max, f32x16, native::maximum)
GRADC_BINARY(f32x16, min, f32x16, native::minimum)
GRADC_UNARY(f32x16, operator-, f32x16, native::negate)
GRADC_UNARY(f32x16, sqrt, f32x16, _mm256_sqrt_ps)
GRADC_UNARY(f32x16, abs, f32x16, native::absolute)
GRADC_UNARY(i32x16, bits, f32x16, _mm256_castps_si256)
GRADC_UNARY(f32x16, from_bits, i32x16, _mm256_castsi256_ps)
GRADC_TERNARY(f32x16, fma, f32x16, f32x16, _mm256_fmadd_ps)
GRADC_BINARY(m32x16, operator<, f32x16, native::compare<_CMP_LT_OQ>)
GRADC_BINARY(m32x16, operator<=, f32x16, native::compare<_CMP_LE_OQ>)
GRADC_BINARY(m32x16, operator==, f32x16, native::compare<_CMP_EQ_OQ>)
GRADC_BINARY(m32x16, operator!=, f32x16, native::compare<_CMP_NEQ_UQ>)
GRADC_TERNARY(f32x16, select, m32x16, f32x16, native::choose)

// ---- f64x8 ----

GRADC_BINARY(f64x8, operator+, f64x8, _mm256_add_pd)
GRADC_BINARY(f64x8, operator-, f64x8, _mm256_sub_pd)
GRADC_BINARY(f64x8, operator*, f64x8, _mm256_mul_pd)
GRADC_BINARY(f64x8, operator/, f64x8, _mm256_div_pd)
GRADC_BINARY(f64x8, max, f64x8, native::maximum)
GRADC_BINARY(f64x8, min, f64x8, native::minimum)
GRADC_UNARY(f64x8, operator-, f64x8, native::negate)
GRADC_UNARY(f64x8, sqrt, f64x8, _mm256_sqrt_pd)
GRADC_UNARY(f64x8, abs, f64x8, native::absolute)
GRADC_UNARY(i64x8, bits, f64x8, _mm256_castpd_si256)
GRADC_UNARY(f64x8, from_bits, i64x8, _mm256_castsi256_pd)
GRADC_TERNARY(f64x8, fma, f64x8, f64x8, _mm256_fmadd_pd)
GRADC_BINARY(m64x8, operator<, f64x8, native::compare<_CMP_LT_OQ>)
GRADC_BINARY(m64x8, operator<=, f64x8, native::compare<_CMP_LE_OQ>)
GRADC_BINARY(m64x8, operator==, f64x8, native::compare<_CMP_EQ_OQ>)
GRADC_BINARY(m64x8, operator!=, f64x8, native::compare<_CMP_NEQ_UQ>)
GRADC_TERNARY(f64x8, select, m64x8, f64x8, native::choose)

// ---- i32x16, i64x8 ----

GRADC_BINARY(i32x16, operator+, i32x16, _mm256_add_epi32)
GRADC_BINARY(i32x16, operator-, i32x16, _mm256_sub_epi32)
GRADC_BINARY(i32x16, operator*, i32x16, _mm256_mullo_epi32)
GRADC_BINARY(i32x16, operator&, i32x16, _mm256_and_si256)
GRADC_BINARY(i32x16, operator|, i32x16, _mm256_or_si256)
GRADC_BINARY(i32x16, operator^, i32x16, _mm256_xor_si256)
GRADC_BINARY(i32x16, max, i32x16, _mm256_max_epi32)
GRADC_BINARY(i32x16, min, i32x16, _mm256_min_epi32)
GRADC_BINARY(i32x16, multiply_high, i32x16, native::multiply_high_32)
GRADC_UNARY(i32x16, abs, i32x16, _mm256_abs_epi32)
GRADC_BINARY(m32x16, operator<, i32x16, native::less_32)
GRADC_BINARY(m32x16, operator<=, i32x16, native::less_equal_32)
GRADC_BINARY(m32x16, operator==, i32x16, _mm256_cmpeq_epi32)
GRADC_BINARY(m32x16, operator!=, i32x16, native::unequal_32)
GRADC_SHIFT(shift_left, i32x16, _mm256_slli_epi32)
GRADC_SHIFT(shift_right, i32x16, _mm256_srai_epi32)
GRADC_SHIFT(shift_right_logical, i32x16, _mm256_srli_epi32)
GRADC_TERNARY(i32x16, select, m32x16, i32x16, native::choose)

GRADC_BINARY(i64x8, operator+, i64x8, _mm256_add_epi64)
GRADC_BINARY(i64x8, operator-, i64x8, _mm256_sub_epi64)
GRADC_BINARY(i64x8, operator*, i64x8, native::multiply_64)
GRADC_BINARY(i64x8, operator&, i64x8, _mm256_and_si256)
GRADC_BINARY(i64x8, operator|, i64x8, _mm256_or_si256)
GRADC_BINARY(i64x8, operator^, i64x8, _mm256_xor_si256)
GRADC_BINARY(i64x8, max, i64x8, native::maximum_64)
GRADC_BINARY(i64x8, min, i64x8, native::minimum_64)
GRADC_UNARY(i64x8, abs, i64x8, native::absolute_64)
GRADC_BINARY(m64x8, operator<, i64x8, native::less_64)
GRADC_BINARY(m64x8, operator<=, i64x8, native::less_equal_64)
GRADC_BINARY(m64x8, operator==, i64x8, _mm256_cmpeq_epi64)
GRADC_BINARY(m64x8, operator!=, i64x8, native::unequal_64)
GRADC_SHIFT(shift_left, i64x8, _mm256_slli_epi64)
GRADC_SHIFT(shift_right_logical, i64x8, _mm256_srli_epi64)
GRADC_TERNARY(i64x8, select, m64x8, i64x8, native::choose)

template <int n>
GRADC_INLINE i64x8 shift_right(i64x8 x) {
  return {native::shift_right_64<n>(x.a), native::shift_right_64<n>(x.b)};
}

// ---- masks ----

GRADC_BINARY(m32x16, operator&, m32x16, _mm256_and_si256)
GRADC_BINARY(m32x16, operator|, m32x16, _mm256_or_si256)
GRADC_UNARY(m32x16, operator!, m32x16, native::invert)
GRADC_BINARY(m64x8, operator&, m64x8, _mm256_and_si256)
GRADC_BINARY(m64x8, operator|, m64x8, _mm256_or_si256)
GRADC_UNARY(m64x8, operator!, m64x8, native::invert)

template <>
GRADC_INLINE m32x16 first<f32x16>(int n) {
  const __m256i end = _mm256_set1_epi32(n);
  return {_mm256_cmpgt_epi32(end, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
          _mm256_cmpgt_epi32(end, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))};
}
template <>
GRADC_INLINE m32x16 first<i32x16>(int n) {
  return first<f32x16>(n);
}
template <>
GRADC_INLINE m64x8 first<f64x8>(int n) {
  const __m256i end = _mm256_set1_epi64x(n);
  return {_mm256_cmpgt_epi64(end, _mm256_setr_epi64x(0, 1, 2, 3)),
          _mm256_cmpgt_epi64(end, _mm256_setr_epi64x(4, 5, 6, 7))};
}
template <>
GRADC_INLINE m64x8 first<i64x8>(int n) {
  return first<f64x8>(n);
}

// ---- memory ----

namespace native {

GRADC_INLINE __m256i load_integers(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
GRADC_INLINE void store_integers(void* p, __m256i x) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), x);
}
// The intrinsics want `long long`, which is another type of 64 bits than std::int64_t may be.
GRADC_INLINE __m256i load_masked_64(const std::int64_t* p, __m256i mask) {
  return _mm256_maskload_epi64(reinterpret_cast<const long long*>(p), mask);
}
GRADC_INLINE void store_masked_64(std::int64_t* p, __m256i mask, __m256i x) {
  _mm256_maskstore_epi64(reinterpret_cast<long long*>(p), mask, x);
}

}  // namespace native

#define GRADC_MEMORY(V, set1, loadu, storeu, maskload, maskstore)      \
  template <>                                                          \
  GRADC_INLINE V splat<V>(ElementOf<V> x) {                            \
    return {set1(x), set1(x)};                                         \
  }                                                                    \
  template <>                                                          \
  GRADC_INLINE V load<V>(const ElementOf<V>* p) {                      \
    return {loadu(p), loadu(p + kLanes<V> / 2)};                       \
  }                                                                    \
  template <>                                                          \
  GRADC_INLINE V load_first<V>(const ElementOf<V>* p, int n) {         \
    const MaskOf<V> mask = first<V>(n);                                \
    return {maskload(p, mask.a), maskload(p + kLanes<V> / 2, mask.b)}; \
  }                                                                    \
  GRADC_INLINE void store(ElementOf<V>* p, V x) {                      \
    storeu(p, x.a);                                                    \
    storeu(p + kLanes<V> / 2, x.b);                                    \
  }                                                                    \
  GRADC_INLINE void store_first(ElementOf<V>* p, V x, int n) {         \
    const MaskOf<V> mask = first<V>(n);                                \
    maskstore(p, mask.a, x.a);                                         \
    maskstore(p + kLanes<V> / 2, mask.b, x.b);                         \
  }

GRADC_MEMORY(f32x16, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_maskload_ps,
             _mm256_maskstore_ps)
GRADC_MEMORY(f64x8, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_maskload_pd,
             _mm256_maskstore_pd)
GRADC_MEMORY(i32x16, _mm256_set1_epi32, native::load_integers, native::store_integers,
             _mm256_maskload_epi32, _mm256_maskstore_epi32)
GRADC_MEMORY(i64x8, _mm256_set1_epi64x, native::load_integers, native::store_integers,
             native::load_masked_64, native::store_masked_64)

GRADC_INLINE i64x8 load_widened(const std::int32_t* p) {
  const __m256i narrow = native::load_integers(p);
  return {_mm256_cvtepi32_epi64(_mm256_castsi256_si128(narrow)),
          _mm256_cvtepi32_epi64(_mm256_extracti128_si256(narrow, 1))};
}
GRADC_INLINE f64x8 load_widened(const float* p) {
  return {_mm256_cvtps_pd(_mm_loadu_ps(p)), _mm256_cvtps_pd(_mm_loadu_ps(p + 4))};
}
GRADC_INLINE void store(float* p, f64x8 x) {
  _mm_storeu_ps(p, _mm256_cvtpd_ps(x.a));
  _mm_storeu_ps(p + 4, _mm256_cvtpd_ps(x.b));
}

template <VectorLanes V, class F>
GRADC_INLINE V generate(F f) {
  if constexpr (F32<V>) {
    return {_mm256_setr_ps(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)),
            _mm256_setr_ps(f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15))};
  } else if constexpr (F64<V>) {
    return {_mm256_setr_pd(f(0), f(1), f(2), f(3)), _mm256_setr_pd(f(4), f(5), f(6), f(7))};
  } else if constexpr (kLanes<V> == 16) {
    return {_mm256_setr_epi32(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)),
            _mm256_setr_epi32(f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15))};
  } else {
    return {_mm256_setr_epi64x(f(0), f(1), f(2), f(3)), _mm256_setr_epi64x(f(4), f(5), f(6), f(7))};
  }
}

// ---- conversion ----

template <>
GRADC_INLINE f32x16 cast<f32x16>(i32x16 x) {
  return {_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)};
}
template <>
GRADC_INLINE f64x8 cast<f64x8>(i64x8 x) {
  return {native::to_real(x.a), native::to_real(x.b)};
}
template <>
GRADC_INLINE i32x16 cast<i32x16>(f32x16 x) {
  return {native::to_integer(x.a), native::to_integer(x.b)};
}
template <>
GRADC_INLINE i64x8 cast<i64x8>(f64x8 x) {
  return {native::to_integer(x.a), native::to_integer(x.b)};
}

#undef GRADC_UNARY
#undef GRADC_BINARY
#undef GRADC_TERNARY
#undef GRADC_SHIFT
#undef GRADC_MEMORY

// ---- across lanes ----

GRADC_INLINE float lane0(f32x16 x) { return _mm256_cvtss_f32(x.a); }
GRADC_INLINE double lane0(f64x8 x) { return _mm256_cvtsd_f64(x.a); }

// Lanes n .. 2n - 1 of x, moved to lanes 0 .. n - 1; the rest is unspecified.
template <int n>
GRADC_INLINE f32x16 second(f32x16 x) {
  if constexpr (n == 8) return {x.b, x.b};
  if constexpr (n == 4) return {_mm256_permute2f128_ps(x.a, x.a, 1), x.b};
  if constexpr (n == 2) return {_mm256_permute_ps(x.a, 0b1110), x.b};
  if constexpr (n == 1) return {_mm256_permute_ps(x.a, 0b0001), x.b};
}
template <int n>
GRADC_INLINE f64x8 second(f64x8 x) {
  if constexpr (n == 4) return {x.b, x.b};
  if constexpr (n == 2) return {_mm256_permute2f128_pd(x.a, x.a, 1), x.b};
  if constexpr (n == 1) return {_mm256_permute_pd(x.a, 0b0101), x.b};
}

namespace native {

// What rows are folded with: a sum, or the larger one as `max` understands it.
struct Plus {
  GRADC_INLINE __m256 operator()(__m256 x, __m256 y) const { return _mm256_add_ps(x, y); }
  GRADC_INLINE __m256d operator()(__m256d x, __m256d y) const { return _mm256_add_pd(x, y); }
};
struct Larger {
  template <class R>
  GRADC_INLINE R operator()(R x, R y) const {
    return maximum(x, y);
  }
};

// Halves of a whole vector, then of a register: (x0 + x1, y0 + y1) for blocks of 128 bits.
template <class F>
GRADC_INLINE __m256 fold_blocks(F f, f32x16 x, f32x16 y) {
  const __m256 p = f(x.a, x.b), q = f(y.a, y.b);
  return f(_mm256_permute2f128_ps(p, q, 0x20), _mm256_permute2f128_ps(p, q, 0x31));
}
template <class F>
GRADC_INLINE __m256d fold_blocks(F f, f64x8 x, f64x8 y) {
  const __m256d p = f(x.a, x.b), q = f(y.a, y.b);
  return f(_mm256_permute2f128_pd(p, q, 0x20), _mm256_permute2f128_pd(p, q, 0x31));
}
// The folds of four, or two, inside each block.
template <class F>
GRADC_INLINE __m256 fold_lanes(F f, __m256 w, __m256 x, __m256 y, __m256 z) {
  const __m256 wx = f(_mm256_shuffle_ps(w, x, 0x44), _mm256_shuffle_ps(w, x, 0xee));
  const __m256 yz = f(_mm256_shuffle_ps(y, z, 0x44), _mm256_shuffle_ps(y, z, 0xee));
  return f(_mm256_shuffle_ps(wx, yz, 0x88), _mm256_shuffle_ps(wx, yz, 0xdd));
}
template <class F>
GRADC_INLINE __m256d fold_lanes(F f, __m256d x, __m256d y) {
  return f(_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
}
// Eight of them, or four.
template <class F>
GRADC_INLINE __m256 folds(F f, f32x16 v0, f32x16 v1, f32x16 v2, f32x16 v3, f32x16 v4, f32x16 v5,
                          f32x16 v6, f32x16 v7) {
  return fold_lanes(f, fold_blocks(f, v0, v4), fold_blocks(f, v1, v5), fold_blocks(f, v2, v6),
                    fold_blocks(f, v3, v7));
}
template <class F>
GRADC_INLINE __m256d folds(F f, f64x8 v0, f64x8 v1, f64x8 v2, f64x8 v3) {
  return fold_lanes(f, fold_blocks(f, v0, v2), fold_blocks(f, v1, v3));
}

// Exchanges the second block of x with the first of y.
GRADC_INLINE void exchange_blocks(__m256& x, __m256& y) {
  const __m256 low = _mm256_permute2f128_ps(x, y, 0x20);
  y = _mm256_permute2f128_ps(x, y, 0x31);
  x = low;
}
GRADC_INLINE void exchange_blocks(__m256d& x, __m256d& y) {
  const __m256d low = _mm256_permute2f128_pd(x, y, 0x20);
  y = _mm256_permute2f128_pd(x, y, 0x31);
  x = low;
}
// Transposes the matrix of lanes in each block.
GRADC_INLINE void transpose_lanes(__m256& r0, __m256& r1, __m256& r2, __m256& r3) {
  const __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1);
  const __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3);
  r0 = _mm256_shuffle_ps(t0, t2, 0x44);
  r1 = _mm256_shuffle_ps(t0, t2, 0xee);
  r2 = _mm256_shuffle_ps(t1, t3, 0x44);
  r3 = _mm256_shuffle_ps(t1, t3, 0xee);
}
GRADC_INLINE void transpose_lanes(__m256d& r0, __m256d& r1) {
  const __m256d low = _mm256_unpacklo_pd(r0, r1);
  r1 = _mm256_unpackhi_pd(r0, r1);
  r0 = low;
}
// Transposes 8 x 8 lanes, or 4 x 4.
GRADC_INLINE void transpose(__m256& r0, __m256& r1, __m256& r2, __m256& r3, __m256& r4, __m256& r5,
                            __m256& r6, __m256& r7) {
  transpose_lanes(r0, r1, r2, r3);
  transpose_lanes(r4, r5, r6, r7);
  exchange_blocks(r0, r4);
  exchange_blocks(r1, r5);
  exchange_blocks(r2, r6);
  exchange_blocks(r3, r7);
}
GRADC_INLINE void transpose(__m256d& r0, __m256d& r1, __m256d& r2, __m256d& r3) {
  transpose_lanes(r0, r1);
  transpose_lanes(r2, r3);
  exchange_blocks(r0, r2);
  exchange_blocks(r1, r3);
}
// Exchanges the second register of x with the first of y.
template <class V>
GRADC_INLINE void exchange_halves(V& x, V& y) {
  const auto kept = x.b;
  x.b = y.a;
  y.a = kept;
}

}  // namespace native

template <class F>
GRADC_INLINE f32x16 folds(F f, f32x16 v0, f32x16 v1, f32x16 v2, f32x16 v3, f32x16 v4, f32x16 v5,
                          f32x16 v6, f32x16 v7, f32x16 v8, f32x16 v9, f32x16 v10, f32x16 v11,
                          f32x16 v12, f32x16 v13, f32x16 v14, f32x16 v15) {
  return {native::folds(f, v0, v1, v2, v3, v4, v5, v6, v7),
          native::folds(f, v8, v9, v10, v11, v12, v13, v14, v15)};
}
template <class F>
GRADC_INLINE f64x8 folds(F f, f64x8 v0, f64x8 v1, f64x8 v2, f64x8 v3, f64x8 v4, f64x8 v5, f64x8 v6,
                         f64x8 v7) {
  return {native::folds(f, v0, v1, v2, v3), native::folds(f, v4, v5, v6, v7)};
}

GRADC_INLINE void transpose(f32x16& v0, f32x16& v1, f32x16& v2, f32x16& v3, f32x16& v4, f32x16& v5,
                            f32x16& v6, f32x16& v7, f32x16& v8, f32x16& v9, f32x16& v10,
                            f32x16& v11, f32x16& v12, f32x16& v13, f32x16& v14, f32x16& v15) {
  native::transpose(v0.a, v1.a, v2.a, v3.a, v4.a, v5.a, v6.a, v7.a);
  native::transpose(v0.b, v1.b, v2.b, v3.b, v4.b, v5.b, v6.b, v7.b);
  native::transpose(v8.a, v9.a, v10.a, v11.a, v12.a, v13.a, v14.a, v15.a);
  native::transpose(v8.b, v9.b, v10.b, v11.b, v12.b, v13.b, v14.b, v15.b);
  native::exchange_halves(v0, v8);
  native::exchange_halves(v1, v9);
  native::exchange_halves(v2, v10);
  native::exchange_halves(v3, v11);
  native::exchange_halves(v4, v12);
  native::exchange_halves(v5, v13);
  native::exchange_halves(v6, v14);
  native::exchange_halves(v7, v15);
}
GRADC_INLINE void transpose(f64x8& v0, f64x8& v1, f64x8& v2, f64x8& v3, f64x8& v4, f64x8& v5,
                            f64x8& v6, f64x8& v7) {
  native::transpose(v0.a, v1.a, v2.a, v3.a);
  native::transpose(v0.b, v1.b, v2.b, v3.b);
  native::transpose(v4.a, v5.a, v6.a, v7.a);
  native::transpose(v4.b, v5.b, v6.b, v7.b);
  native::exchange_halves(v0, v4);
  native::exchange_halves(v1, v5);
  native::exchange_halves(v2, v6);
  native::exchange_halves(v3, v7);
}

}  // namespace gradc::core::inline GRADC_TARGET
