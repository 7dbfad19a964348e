// Vectors of 64 bytes as one AVX-512 register. Included by vector.h, which documents the functions.
#pragma once

// g++ 12 takes the deliberately undefined operands inside its own intrinsics for mistakes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <gradc/core/lanes.h>

namespace gradc::core::inline GRADC_TARGET {

struct f32x16 {
  __m512 a;
};
struct f64x8 {
  __m512d a;
};
struct i32x16 {
  __m512i a;
};
struct i64x8 {
  __m512i a;
};
struct m32x16 {
  __mmask16 a;
};
struct m64x8 {
  __mmask8 a;
};

// One function a line: its result, its name, its operands, and what happens to each register.
#define GRADC_UNARY(R, name, V, ...) \
  GRADC_INLINE R name(V x) { return {__VA_ARGS__(x.a)}; }
#define GRADC_BINARY(R, name, V, ...) \
  GRADC_INLINE R name(V x, V y) { return {__VA_ARGS__(x.a, y.a)}; }
#define GRADC_COMPARE(R, name, V, compare, predicate)                   \
  GRADC_INLINE R name(V x, V y) {                                       \
    return {static_cast<decltype(R::a)>(compare(x.a, y.a, predicate))}; \
  }
#define GRADC_SHIFT(name, V, ...) \
  template <int n>                \
  GRADC_INLINE V name(V x) {      \
    return {__VA_ARGS__(x.a, n)}; \
  }
#define GRADC_SELECT(V, M, ...) \
  GRADC_INLINE V select(M m, V x, V y) { return {__VA_ARGS__(m.a, y.a, x.a)}; }

// ---- f32x16 ----

GRADC_BINARY(f32x16, operator+, f32x16, _mm512_add_ps)
GRADC_BINARY(f32x16, operator-, f32x16, _mm512_sub_ps)
GRADC_BINARY(f32x16, operator*, f32x16, _mm512_mul_ps)
GRADC_BINARY(f32x16, operator/, f32x16, _mm512_div_ps)
GRADC_UNARY(f32x16, sqrt, f32x16, _mm512_sqrt_ps)
GRADC_UNARY(f32x16, abs, f32x16, _mm512_abs_ps)
GRADC_UNARY(i32x16, bits, f32x16, _mm512_castps_si512)
GRADC_UNARY(f32x16, from_bits, i32x16, _mm512_castsi512_ps)
GRADC_COMPARE(m32x16, operator<, f32x16, _mm512_cmp_ps_mask, _CMP_LT_OQ)
GRADC_COMPARE(m32x16, operator<=, f32x16, _mm512_cmp_ps_mask, _CMP_LE_OQ)
GRADC_COMPARE(m32x16, operator==, f32x16, _mm512_cmp_ps_mask, _CMP_EQ_OQ)
GRADC_COMPARE(m32x16, operator!=, f32x16, _mm512_cmp_ps_mask, _CMP_NEQ_UQ)
GRADC_SELECT(f32x16, m32x16, _mm512_mask_blend_ps)

GRADC_INLINE f32x16 fma(f32x16 x, f32x16 y, f32x16 z) { return {_mm512_fmadd_ps(x.a, y.a, z.a)}; }
// The instruction returns its second operand if either is NaN or both are zero; ours, the first.
GRADC_INLINE f32x16 max(f32x16 x, f32x16 y) { return {_mm512_max_ps(y.a, x.a)}; }
GRADC_INLINE f32x16 min(f32x16 x, f32x16 y) { return {_mm512_min_ps(y.a, x.a)}; }
// Both compilers know this one, and make one instruction of fma(-x, y, z).
GRADC_INLINE f32x16 operator-(f32x16 x) { return {-x.a}; }
GRADC_INLINE f32x16 scale_by_instruction(f32x16 x, f32x16 n) {
  return {_mm512_scalef_ps(x.a, n.a)};
}

// ---- f64x8 ----

GRADC_BINARY(f64x8, operator+, f64x8, _mm512_add_pd)
GRADC_BINARY(f64x8, operator-, f64x8, _mm512_sub_pd)
GRADC_BINARY(f64x8, operator*, f64x8, _mm512_mul_pd)
GRADC_BINARY(f64x8, operator/, f64x8, _mm512_div_pd)
GRADC_UNARY(f64x8, sqrt, f64x8, _mm512_sqrt_pd)
GRADC_UNARY(f64x8, abs, f64x8, _mm512_abs_pd)
GRADC_UNARY(i64x8, bits, f64x8, _mm512_castpd_si512)
GRADC_UNARY(f64x8, from_bits, i64x8, _mm512_castsi512_pd)
GRADC_COMPARE(m64x8, operator<, f64x8, _mm512_cmp_pd_mask, _CMP_LT_OQ)
GRADC_COMPARE(m64x8, operator<=, f64x8, _mm512_cmp_pd_mask, _CMP_LE_OQ)
GRADC_COMPARE(m64x8, operator==, f64x8, _mm512_cmp_pd_mask, _CMP_EQ_OQ)
GRADC_COMPARE(m64x8, operator!=, f64x8, _mm512_cmp_pd_mask, _CMP_NEQ_UQ)
GRADC_SELECT(f64x8, m64x8, _mm512_mask_blend_pd)

GRADC_INLINE f64x8 fma(f64x8 x, f64x8 y, f64x8 z) { return {_mm512_fmadd_pd(x.a, y.a, z.a)}; }
GRADC_INLINE f64x8 max(f64x8 x, f64x8 y) { return {_mm512_max_pd(y.a, x.a)}; }
GRADC_INLINE f64x8 min(f64x8 x, f64x8 y) { return {_mm512_min_pd(y.a, x.a)}; }
GRADC_INLINE f64x8 operator-(f64x8 x) { return {-x.a}; }
GRADC_INLINE f64x8 scale_by_instruction(f64x8 x, f64x8 n) { return {_mm512_scalef_pd(x.a, n.a)}; }

// ---- i32x16, i64x8 ----

GRADC_BINARY(i32x16, operator+, i32x16, _mm512_add_epi32)
GRADC_BINARY(i32x16, operator-, i32x16, _mm512_sub_epi32)
GRADC_BINARY(i32x16, operator*, i32x16, _mm512_mullo_epi32)
GRADC_BINARY(i32x16, operator&, i32x16, _mm512_and_epi32)
GRADC_BINARY(i32x16, operator|, i32x16, _mm512_or_epi32)
GRADC_BINARY(i32x16, operator^, i32x16, _mm512_xor_epi32)
GRADC_BINARY(i32x16, max, i32x16, _mm512_max_epi32)
GRADC_BINARY(i32x16, min, i32x16, _mm512_min_epi32)
GRADC_UNARY(i32x16, abs, i32x16, _mm512_abs_epi32)
GRADC_COMPARE(m32x16, operator<, i32x16, _mm512_cmp_epi32_mask, _MM_CMPINT_LT)
GRADC_COMPARE(m32x16, operator<=, i32x16, _mm512_cmp_epi32_mask, _MM_CMPINT_LE)
GRADC_COMPARE(m32x16, operator==, i32x16, _mm512_cmp_epi32_mask, _MM_CMPINT_EQ)
GRADC_COMPARE(m32x16, operator!=, i32x16, _mm512_cmp_epi32_mask, _MM_CMPINT_NE)
GRADC_SHIFT(shift_left, i32x16, _mm512_slli_epi32)
GRADC_SHIFT(shift_right, i32x16, _mm512_srai_epi32)
GRADC_SHIFT(shift_right_logical, i32x16, _mm512_srli_epi32)
GRADC_SELECT(i32x16, m32x16, _mm512_mask_blend_epi32)

GRADC_BINARY(i64x8, operator+, i64x8, _mm512_add_epi64)
GRADC_BINARY(i64x8, operator-, i64x8, _mm512_sub_epi64)
GRADC_BINARY(i64x8, operator*, i64x8, _mm512_mullo_epi64)
GRADC_BINARY(i64x8, operator&, i64x8, _mm512_and_epi64)
GRADC_BINARY(i64x8, operator|, i64x8, _mm512_or_epi64)
GRADC_BINARY(i64x8, operator^, i64x8, _mm512_xor_epi64)
GRADC_BINARY(i64x8, max, i64x8, _mm512_max_epi64)
GRADC_BINARY(i64x8, min, i64x8, _mm512_min_epi64)
GRADC_UNARY(i64x8, abs, i64x8, _mm512_abs_epi64)
GRADC_COMPARE(m64x8, operator<, i64x8, _mm512_cmp_epi64_mask, _MM_CMPINT_LT)
GRADC_COMPARE(m64x8, operator<=, i64x8, _mm512_cmp_epi64_mask, _MM_CMPINT_LE)
GRADC_COMPARE(m64x8, operator==, i64x8, _mm512_cmp_epi64_mask, _MM_CMPINT_EQ)
GRADC_COMPARE(m64x8, operator!=, i64x8, _mm512_cmp_epi64_mask, _MM_CMPINT_NE)
GRADC_SHIFT(shift_left, i64x8, _mm512_slli_epi64)
GRADC_SHIFT(shift_right, i64x8, _mm512_srai_epi64)
GRADC_SHIFT(shift_right_logical, i64x8, _mm512_srli_epi64)
GRADC_SELECT(i64x8, m64x8, _mm512_mask_blend_epi64)

GRADC_INLINE i32x16 multiply_high(i32x16 x, i32x16 y) {
  const __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(x.a, y.a), 32);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x.a, 32), _mm512_srli_epi64(y.a, 32));
  return {_mm512_mask_blend_epi32(0xaaaa, even, odd)};
}

// ---- masks ----

GRADC_BINARY(m32x16, operator&, m32x16, _kand_mask16)
GRADC_BINARY(m32x16, operator|, m32x16, _kor_mask16)
GRADC_UNARY(m32x16, operator!, m32x16, _knot_mask16)
GRADC_BINARY(m64x8, operator&, m64x8, _kand_mask8)
GRADC_BINARY(m64x8, operator|, m64x8, _kor_mask8)
GRADC_UNARY(m64x8, operator!, m64x8, _knot_mask8)

#undef GRADC_UNARY
#undef GRADC_BINARY
#undef GRADC_COMPARE
#undef GRADC_SHIFT
#undef GRADC_SELECT

// A mask of the first n of 16 lanes: 16 ones, all but n of them cut off.
template <>
GRADC_INLINE m32x16 first<f32x16>(int n) {
  return {static_cast<__mmask16>(_bzhi_u32(0xffff, static_cast<unsigned>(n)))};
}
template <>
GRADC_INLINE m32x16 first<i32x16>(int n) {
  return first<f32x16>(n);
}
template <>
GRADC_INLINE m64x8 first<f64x8>(int n) {
  return {static_cast<__mmask8>(_bzhi_u32(0xff, static_cast<unsigned>(n)))};
}
template <>
GRADC_INLINE m64x8 first<i64x8>(int n) {
  return first<f64x8>(n);
}

// ---- memory ----

#define GRADC_MEMORY(V, set1, loadu, storeu, maskz_loadu, mask_storeu) \
  template <>                                                          \
  GRADC_INLINE V splat<V>(ElementOf<V> x) {                            \
    return {set1(x)};                                                  \
  }                                                                    \
  template <>                                                          \
  GRADC_INLINE V load<V>(const ElementOf<V>* p) {                      \
    return {loadu(p)};                                                 \
  }                                                                    \
  template <>                                                          \
  GRADC_INLINE V load_first<V>(const ElementOf<V>* p, int n) {         \
    return {maskz_loadu(first<V>(n).a, p)};                            \
  }                                                                    \
  GRADC_INLINE void store(ElementOf<V>* p, V x) { storeu(p, x.a); }    \
  GRADC_INLINE void store_first(ElementOf<V>* p, V x, int n) { mask_storeu(p, first<V>(n).a, x.a); }

GRADC_MEMORY(f32x16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_maskz_loadu_ps,
             _mm512_mask_storeu_ps)
GRADC_MEMORY(f64x8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_maskz_loadu_pd,
             _mm512_mask_storeu_pd)
GRADC_MEMORY(i32x16, _mm512_set1_epi32, _mm512_loadu_si512, _mm512_storeu_si512,
             _mm512_maskz_loadu_epi32, _mm512_mask_storeu_epi32)
GRADC_MEMORY(i64x8, _mm512_set1_epi64, _mm512_loadu_si512, _mm512_storeu_si512,
             _mm512_maskz_loadu_epi64, _mm512_mask_storeu_epi64)
#undef GRADC_MEMORY

GRADC_INLINE i64x8 load_widened(const std::int32_t* p) {
  return {_mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
GRADC_INLINE f64x8 load_widened(const float* p) { return {_mm512_cvtps_pd(_mm256_loadu_ps(p))}; }
GRADC_INLINE void store(float* p, f64x8 x) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(x.a)); }

template <VectorLanes V, class F>
GRADC_INLINE V generate(F f) {
  if constexpr (F32<V>) {
    return {_mm512_setr_ps(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11),
                           f(12), f(13), f(14), f(15))};
  } else if constexpr (F64<V>) {
    return {_mm512_setr_pd(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))};
  } else if constexpr (kLanes<V> == 16) {
    return {_mm512_setr_epi32(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10),
                              f(11), f(12), f(13), f(14), f(15))};
  } else {
    return {_mm512_setr_epi64(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))};
  }
}

// ---- conversion ----

template <>
GRADC_INLINE f32x16 cast<f32x16>(i32x16 x) {
  return {_mm512_cvtepi32_ps(x.a)};
}
template <>
GRADC_INLINE f64x8 cast<f64x8>(i64x8 x) {
  return {_mm512_cvtepi64_pd(x.a)};
}
template <>
GRADC_INLINE i32x16 cast<i32x16>(f32x16 x) {
  // The instruction gives INT32_MIN for all that does not fit.
  const __mmask16 ordered = _mm512_cmp_ps_mask(x.a, x.a, _CMP_ORD_Q);
  const __mmask16 above = _mm512_cmp_ps_mask(x.a, _mm512_set1_ps(0x1p31f), _CMP_GE_OQ);
  const __m512i truncated = _mm512_maskz_cvttps_epi32(ordered, x.a);
  return {_mm512_mask_mov_epi32(truncated, above, _mm512_set1_epi32(INT32_MAX))};
}
template <>
GRADC_INLINE i64x8 cast<i64x8>(f64x8 x) {
  const __mmask8 ordered = _mm512_cmp_pd_mask(x.a, x.a, _CMP_ORD_Q);
  const f64x8 end = splat<f64x8>(0x1p51);
  return {_mm512_maskz_cvttpd_epi64(ordered, max(min(x, end), -end).a)};
}

// ---- across lanes ----

GRADC_INLINE float lane0(f32x16 x) { return _mm512_cvtss_f32(x.a); }
GRADC_INLINE double lane0(f64x8 x) { return _mm512_cvtsd_f64(x.a); }

// Lanes n .. 2n - 1 of x, moved to lanes 0 .. n - 1; the rest is unspecified.
template <int n>
GRADC_INLINE f32x16 second(f32x16 x) {
  if constexpr (n == 8) return {_mm512_shuffle_f32x4(x.a, x.a, 0b1110)};
  if constexpr (n == 4) return {_mm512_shuffle_f32x4(x.a, x.a, 0b0001)};
  if constexpr (n == 2) return {_mm512_permute_ps(x.a, 0b1110)};
  if constexpr (n == 1) return {_mm512_permute_ps(x.a, 0b0001)};
}
template <int n>
GRADC_INLINE f64x8 second(f64x8 x) {
  if constexpr (n == 4) return {_mm512_shuffle_f64x2(x.a, x.a, 0b1110)};
  if constexpr (n == 2) return {_mm512_shuffle_f64x2(x.a, x.a, 0b0001)};
  if constexpr (n == 1) return {_mm512_permute_pd(x.a, 0b01010101)};
}

namespace native {

// In the pictures, 0 1 2 3 are the four blocks of 128 bits of a register, x's then y's.

// What rows are folded with: a sum, or the larger one as `max` understands it.
struct Plus {
  GRADC_INLINE __m512 operator()(__m512 x, __m512 y) const { return _mm512_add_ps(x, y); }
  GRADC_INLINE __m512d operator()(__m512d x, __m512d y) const { return _mm512_add_pd(x, y); }
};
struct Larger {
  GRADC_INLINE __m512 operator()(__m512 x, __m512 y) const { return _mm512_max_ps(y, x); }
  GRADC_INLINE __m512d operator()(__m512d x, __m512d y) const { return _mm512_max_pd(y, x); }
};

// (x0 + x2, x1 + x3, y0 + y2, y1 + y3)
template <class F>
GRADC_INLINE __m512 fold_halves(F f, __m512 x, __m512 y) {
  return f(_mm512_shuffle_f32x4(x, y, 0x44), _mm512_shuffle_f32x4(x, y, 0xee));
}
template <class F>
GRADC_INLINE __m512d fold_halves(F f, __m512d x, __m512d y) {
  return f(_mm512_shuffle_f64x2(x, y, 0x44), _mm512_shuffle_f64x2(x, y, 0xee));
}
// (x0 + x1, x2 + x3, y0 + y1, y2 + y3)
template <class F>
GRADC_INLINE __m512 fold_quarters(F f, __m512 x, __m512 y) {
  return f(_mm512_shuffle_f32x4(x, y, 0x88), _mm512_shuffle_f32x4(x, y, 0xdd));
}
template <class F>
GRADC_INLINE __m512d fold_quarters(F f, __m512d x, __m512d y) {
  return f(_mm512_shuffle_f64x2(x, y, 0x88), _mm512_shuffle_f64x2(x, y, 0xdd));
}
// The four folds of w, x, y, z over blocks, side by side.
template <class F, class R>
GRADC_INLINE R fold_blocks(F f, R w, R x, R y, R z) {
  return fold_quarters(f, fold_halves(f, w, x), fold_halves(f, y, z));
}
// The same inside each block, for its four lanes, or two.
template <class F>
GRADC_INLINE __m512 fold_lanes(F f, __m512 w, __m512 x, __m512 y, __m512 z) {
  const __m512 wx = f(_mm512_shuffle_ps(w, x, 0x44), _mm512_shuffle_ps(w, x, 0xee));
  const __m512 yz = f(_mm512_shuffle_ps(y, z, 0x44), _mm512_shuffle_ps(y, z, 0xee));
  return f(_mm512_shuffle_ps(wx, yz, 0x88), _mm512_shuffle_ps(wx, yz, 0xdd));
}
template <class F>
GRADC_INLINE __m512d fold_lanes(F f, __m512d x, __m512d y) {
  return f(_mm512_unpacklo_pd(x, y), _mm512_unpackhi_pd(x, y));
}

// Transposes the 4 x 4 matrix of lanes in each block.
GRADC_INLINE void transpose_lanes(__m512& r0, __m512& r1, __m512& r2, __m512& r3) {
  const __m512d t0 = _mm512_castps_pd(_mm512_unpacklo_ps(r0, r1));
  const __m512d t1 = _mm512_castps_pd(_mm512_unpackhi_ps(r0, r1));
  const __m512d t2 = _mm512_castps_pd(_mm512_unpacklo_ps(r2, r3));
  const __m512d t3 = _mm512_castps_pd(_mm512_unpackhi_ps(r2, r3));
  r0 = _mm512_castpd_ps(_mm512_unpacklo_pd(t0, t2));
  r1 = _mm512_castpd_ps(_mm512_unpackhi_pd(t0, t2));
  r2 = _mm512_castpd_ps(_mm512_unpacklo_pd(t1, t3));
  r3 = _mm512_castpd_ps(_mm512_unpackhi_pd(t1, t3));
}
GRADC_INLINE void transpose_lanes(__m512d& r0, __m512d& r1) {
  const __m512d low = _mm512_unpacklo_pd(r0, r1);
  r1 = _mm512_unpackhi_pd(r0, r1);
  r0 = low;
}
// Transposes the 4 x 4 matrix of blocks.
GRADC_INLINE void transpose_blocks(__m512& r0, __m512& r1, __m512& r2, __m512& r3) {
  const __m512 even01 = _mm512_shuffle_f32x4(r0, r1, 0x88);
  const __m512 odd01 = _mm512_shuffle_f32x4(r0, r1, 0xdd);
  const __m512 even23 = _mm512_shuffle_f32x4(r2, r3, 0x88);
  const __m512 odd23 = _mm512_shuffle_f32x4(r2, r3, 0xdd);
  r0 = _mm512_shuffle_f32x4(even01, even23, 0x88);
  r1 = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
  r2 = _mm512_shuffle_f32x4(even01, even23, 0xdd);
  r3 = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
}
GRADC_INLINE void transpose_blocks(__m512d& r0, __m512d& r1, __m512d& r2, __m512d& r3) {
  __m512 s0 = _mm512_castpd_ps(r0), s1 = _mm512_castpd_ps(r1);
  __m512 s2 = _mm512_castpd_ps(r2), s3 = _mm512_castpd_ps(r3);
  transpose_blocks(s0, s1, s2, s3);
  r0 = _mm512_castps_pd(s0), r1 = _mm512_castps_pd(s1);
  r2 = _mm512_castps_pd(s2), r3 = _mm512_castps_pd(s3);
}

}  // namespace native

template <class F>
GRADC_INLINE f32x16 folds(F f, f32x16 v0, f32x16 v1, f32x16 v2, f32x16 v3, f32x16 v4, f32x16 v5,
                          f32x16 v6, f32x16 v7, f32x16 v8, f32x16 v9, f32x16 v10, f32x16 v11,
                          f32x16 v12, f32x16 v13, f32x16 v14, f32x16 v15) {
  return {native::fold_lanes(f, native::fold_blocks(f, v0.a, v4.a, v8.a, v12.a),
                             native::fold_blocks(f, v1.a, v5.a, v9.a, v13.a),
                             native::fold_blocks(f, v2.a, v6.a, v10.a, v14.a),
                             native::fold_blocks(f, v3.a, v7.a, v11.a, v15.a))};
}
template <class F>
GRADC_INLINE f64x8 folds(F f, f64x8 v0, f64x8 v1, f64x8 v2, f64x8 v3, f64x8 v4, f64x8 v5, f64x8 v6,
                         f64x8 v7) {
  return {native::fold_lanes(f, native::fold_blocks(f, v0.a, v2.a, v4.a, v6.a),
                             native::fold_blocks(f, v1.a, v3.a, v5.a, v7.a))};
}

GRADC_INLINE void transpose(f32x16& v0, f32x16& v1, f32x16& v2, f32x16& v3, f32x16& v4, f32x16& v5,
                            f32x16& v6, f32x16& v7, f32x16& v8, f32x16& v9, f32x16& v10,
                            f32x16& v11, f32x16& v12, f32x16& v13, f32x16& v14, f32x16& v15) {
  native::transpose_lanes(v0.a, v1.a, v2.a, v3.a);
  native::transpose_lanes(v4.a, v5.a, v6.a, v7.a);
  native::transpose_lanes(v8.a, v9.a, v10.a, v11.a);
  native::transpose_lanes(v12.a, v13.a, v14.a, v15.a);
  native::transpose_blocks(v0.a, v4.a, v8.a, v12.a);
  native::transpose_blocks(v1.a, v5.a, v9.a, v13.a);
  native::transpose_blocks(v2.a, v6.a, v10.a, v14.a);
  native::transpose_blocks(v3.a, v7.a, v11.a, v15.a);
}
GRADC_INLINE void transpose(f64x8& v0, f64x8& v1, f64x8& v2, f64x8& v3, f64x8& v4, f64x8& v5,
                            f64x8& v6, f64x8& v7) {
  native::transpose_lanes(v0.a, v1.a);
  native::transpose_lanes(v2.a, v3.a);
  native::transpose_lanes(v4.a, v5.a);
  native::transpose_lanes(v6.a, v7.a);
  native::transpose_blocks(v0.a, v2.a, v4.a, v6.a);
  native::transpose_blocks(v1.a, v3.a, v5.a, v7.a);
}

}  // namespace gradc::core::inline GRADC_TARGET
