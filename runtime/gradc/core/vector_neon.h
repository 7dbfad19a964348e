// Vectors of 64 bytes as four registers of 64-bit Arm. Included by vector.h, which documents the
// functions.
#pragma once

#include <arm_neon.h>
#include <gradc/core/lanes.h>

namespace gradc::core::inline GRADC_TARGET {

struct f32x16 {
  float32x4_t a, b, c, d;
};
struct f64x8 {
  float64x2_t a, b, c, d;
};
struct i32x16 {
  int32x4_t a, b, c, d;
};
struct i64x8 {
  int64x2_t a, b, c, d;
};
struct m32x16 {  // all bits of a lane, or none
  uint32x4_t a, b, c, d;
};
struct m64x8 {
  uint64x2_t a, b, c, d;
};

// What the instruction set has no single instruction for, a register at a time.
namespace native {

GRADC_INLINE float32x4_t fused(float32x4_t x, float32x4_t y, float32x4_t z) {
  return vfmaq_f32(z, x, y);
}
GRADC_INLINE float64x2_t fused(float64x2_t x, float64x2_t y, float64x2_t z) {
  return vfmaq_f64(z, x, y);
}
// vmaxq and vminq order zeros and return any NaN; ours give the first operand.
GRADC_INLINE float32x4_t maximum(float32x4_t x, float32x4_t y) {
  return vbslq_f32(vcltq_f32(x, y), y, x);
}
GRADC_INLINE float32x4_t minimum(float32x4_t x, float32x4_t y) {
  return vbslq_f32(vcltq_f32(y, x), y, x);
}
GRADC_INLINE float64x2_t maximum(float64x2_t x, float64x2_t y) {
  return vbslq_f64(vcltq_f64(x, y), y, x);
}
GRADC_INLINE float64x2_t minimum(float64x2_t x, float64x2_t y) {
  return vbslq_f64(vcltq_f64(y, x), y, x);
}
GRADC_INLINE int64x2_t maximum(int64x2_t x, int64x2_t y) {
  return vbslq_s64(vcltq_s64(x, y), y, x);
}
GRADC_INLINE int64x2_t minimum(int64x2_t x, int64x2_t y) {
  return vbslq_s64(vcltq_s64(y, x), y, x);
}
GRADC_INLINE uint64x2_t invert(uint64x2_t x) {
  return vreinterpretq_u64_u32(vmvnq_u32(vreinterpretq_u32_u64(x)));
}
GRADC_INLINE uint32x4_t unequal(float32x4_t x, float32x4_t y) { return vmvnq_u32(vceqq_f32(x, y)); }
GRADC_INLINE uint64x2_t unequal(float64x2_t x, float64x2_t y) { return invert(vceqq_f64(x, y)); }
GRADC_INLINE uint32x4_t unequal(int32x4_t x, int32x4_t y) { return vmvnq_u32(vceqq_s32(x, y)); }
GRADC_INLINE uint64x2_t unequal(int64x2_t x, int64x2_t y) { return invert(vceqq_s64(x, y)); }

GRADC_INLINE int64x2_t multiply(int64x2_t x, int64x2_t y) {
  const int64x2_t low = vdupq_n_s64(vgetq_lane_s64(x, 0) * vgetq_lane_s64(y, 0));
  return vsetq_lane_s64(vgetq_lane_s64(x, 1) * vgetq_lane_s64(y, 1), low, 1);
}
GRADC_INLINE int32x4_t multiply_high(int32x4_t x, int32x4_t y) {
  const uint32x4_t u = vreinterpretq_u32_s32(x), v = vreinterpretq_u32_s32(y);
  const uint64x2_t low = vmull_u32(vget_low_u32(u), vget_low_u32(v));
  const uint64x2_t high = vmull_high_u32(u, v);
  return vreinterpretq_s32_u32(vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high)));
}

template <int n>
GRADC_INLINE int32x4_t shift_left(int32x4_t x) {
  return vshlq_s32(x, vdupq_n_s32(n));
}
template <int n>
GRADC_INLINE int64x2_t shift_left(int64x2_t x) {
  return vshlq_s64(x, vdupq_n_s64(n));
}
template <int n>
GRADC_INLINE int32x4_t shift_right(int32x4_t x) {
  return vshlq_s32(x, vdupq_n_s32(-n));
}
template <int n>
GRADC_INLINE int64x2_t shift_right(int64x2_t x) {
  return vshlq_s64(x, vdupq_n_s64(-n));
}
template <int n>
GRADC_INLINE int32x4_t shift_right_logical(int32x4_t x) {
  return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x), vdupq_n_s32(-n)));
}
template <int n>
GRADC_INLINE int64x2_t shift_right_logical(int64x2_t x) {
  return vreinterpretq_s64_u64(vshlq_u64(vreinterpretq_u64_s64(x), vdupq_n_s64(-n)));
}

// The conversion saturates, at 2^63, and takes NaN to 0; ours saturates at 2^51.
GRADC_INLINE int64x2_t to_integer(float64x2_t x) {
  const float64x2_t end = vdupq_n_f64(0x1p51);
  return vcvtq_s64_f64(maximum(minimum(x, end), vnegq_f64(end)));
}

}  // namespace native

// One function a line: its result, its name, its operands, and what happens to each register.
#define GRADC_UNARY(R, name, V, ...)                                                 \
  GRADC_INLINE R name(V x) {                                                         \
    return {__VA_ARGS__(x.a), __VA_ARGS__(x.b), __VA_ARGS__(x.c), __VA_ARGS__(x.d)}; \
  }
#define GRADC_BINARY(R, name, V, ...)                                            \
  GRADC_INLINE R name(V x, V y) {                                                \
    return {__VA_ARGS__(x.a, y.a), __VA_ARGS__(x.b, y.b), __VA_ARGS__(x.c, y.c), \
            __VA_ARGS__(x.d, y.d)};                                              \
  }
#define GRADC_TERNARY(R, name, T, V, ...)                                                       \
  GRADC_INLINE R name(T x, V y, V z) {                                                          \
    return {__VA_ARGS__(x.a, y.a, z.a), __VA_ARGS__(x.b, y.b, z.b), __VA_ARGS__(x.c, y.c, z.c), \
            __VA_ARGS__(x.d, y.d, z.d)};                                                        \
  }
#define GRADC_SHIFT(name, V)                                                  \
  template <int n>                                                            \
  GRADC_INLINE V name(V x) {                                                  \
    return {native::name<n>(x.a), native::name<n>(x.b), native::name<n>(x.c), \
            native::name<n>(x.d)};                                            \
  }

// ---- f32x16 ----

GRADC_BINARY(f32x16, operator+, f32x16, vaddq_f32)
GRADC_BINARY(f32x16, operator-, f32x16, vsubq_f32)
GRADC_BINARY(f32x16, operator*, f32x16, vmulq_f32)
GRADC_BINARY(f32x16, operator/, f32x16, vdivq_f32)
GRADC_BINARY(f32x16, max, f32x16, native::maximum)
GRADC_BINARY(f32x16, min, f32x16, native::minimum)
GRADC_UNARY(f32x16, operator-, f32x16, vnegq_f32)
GRADC_UNARY(f32x16, sqrt, f32x16, vsqrtq_f32)
GRADC_UNARY(f32x16, abs, f32x16, vabsq_f32)
GRADC_UNARY(i32x16, bits, f32x16, vreinterpretq_s32_f32)
GRADC_UNARY(f32x16, from_bits, i32x16, vreinterpretq_f32_s32)
GRADC_TERNARY(f32x16, fma, f32x16, f32x16, native::fused)
GRADC_BINARY(m32x16, operator<, f32x16, vcltq_f32)
GRADC_BINARY(m32x16, operator<=, f32x16, vcleq_f32)
GRADC_BINARY(m32x16, operator==, f32x16, vceqq_f32)
GRADC_BINARY(m32x16, operator!=, f32x16, native::unequal)
GRADC_TERNARY(f32x16, select, m32x16, f32x16, vbslq_f32)

// ---- f64x8 ----

GRADC_BINARY(f64x8, operator+, f64x8, vaddq_f64)
GRADC_BINARY(f64x8, operator-, f64x8, vsubq_f64)
GRADC_BINARY(f64x8, operator*, f64x8, vmulq_f64)
GRADC_BINARY(f64x8, operator/, f64x8, vdivq_f64)
GRADC_BINARY(f64x8, max, f64x8, native::maximum)
GRADC_BINARY(f64x8, min, f64x8, native::minimum)
GRADC_UNARY(f64x8, operator-, f64x8, vnegq_f64)
GRADC_UNARY(f64x8, sqrt, f64x8, vsqrtq_f64)
GRADC_UNARY(f64x8, abs, f64x8, vabsq_f64)
GRADC_UNARY(i64x8, bits, f64x8, vreinterpretq_s64_f64)
GRADC_UNARY(f64x8, from_bits, i64x8, vreinterpretq_f64_s64)
GRADC_TERNARY(f64x8, fma, f64x8, f64x8, native::fused)
GRADC_BINARY(m64x8, operator<, f64x8, vcltq_f64)
GRADC_BINARY(m64x8, operator<=, f64x8, vcleq_f64)
GRADC_BINARY(m64x8, operator==, f64x8, vceqq_f64)
GRADC_BINARY(m64x8, operator!=, f64x8, native::unequal)
GRADC_TERNARY(f64x8, select, m64x8, f64x8, vbslq_f64)

// ---- i32x16, i64x8 ----

GRADC_BINARY(i32x16, operator+, i32x16, vaddq_s32)
GRADC_BINARY(i32x16, operator-, i32x16, vsubq_s32)
GRADC_BINARY(i32x16, operator*, i32x16, vmulq_s32)
GRADC_BINARY(i32x16, operator&, i32x16, vandq_s32)
GRADC_BINARY(i32x16, operator|, i32x16, vorrq_s32)
GRADC_BINARY(i32x16, operator^, i32x16, veorq_s32)
GRADC_BINARY(i32x16, max, i32x16, vmaxq_s32)
GRADC_BINARY(i32x16, min, i32x16, vminq_s32)
GRADC_BINARY(i32x16, multiply_high, i32x16, native::multiply_high)
GRADC_UNARY(i32x16, abs, i32x16, vabsq_s32)
GRADC_BINARY(m32x16, operator<, i32x16, vcltq_s32)
GRADC_BINARY(m32x16, operator<=, i32x16, vcleq_s32)
GRADC_BINARY(m32x16, operator==, i32x16, vceqq_s32)
GRADC_BINARY(m32x16, operator!=, i32x16, native::unequal)
GRADC_SHIFT(shift_left, i32x16)
GRADC_SHIFT(shift_right, i32x16)
GRADC_SHIFT(shift_right_logical, i32x16)
GRADC_TERNARY(i32x16, select, m32x16, i32x16, vbslq_s32)

GRADC_BINARY(i64x8, operator+, i64x8, vaddq_s64)
GRADC_BINARY(i64x8, operator-, i64x8, vsubq_s64)
GRADC_BINARY(i64x8, operator*, i64x8, native::multiply)
GRADC_BINARY(i64x8, operator&, i64x8, vandq_s64)
GRADC_BINARY(i64x8, operator|, i64x8, vorrq_s64)
GRADC_BINARY(i64x8, operator^, i64x8, veorq_s64)
GRADC_BINARY(i64x8, max, i64x8, native::maximum)
GRADC_BINARY(i64x8, min, i64x8, native::minimum)
GRADC_UNARY(i64x8, abs, i64x8, vabsq_s64)
GRADC_BINARY(m64x8, operator<, i64x8, vcltq_s64)
GRADC_BINARY(m64x8, operator<=, i64x8, vcleq_s64)
GRADC_BINARY(m64x8, operator==, i64x8, vceqq_s64)
GRADC_BINARY(m64x8, operator!=, i64x8, native::unequal)
GRADC_SHIFT(shift_left, i64x8)
GRADC_SHIFT(shift_right, i64x8)
GRADC_SHIFT(shift_right_logical, i64x8)
GRADC_TERNARY(i64x8, select, m64x8, i64x8, vbslq_s64)

// ---- masks ----

GRADC_BINARY(m32x16, operator&, m32x16, vandq_u32)
GRADC_BINARY(m32x16, operator|, m32x16, vorrq_u32)
GRADC_UNARY(m32x16, operator!, m32x16, vmvnq_u32)
GRADC_BINARY(m64x8, operator&, m64x8, vandq_u64)
GRADC_BINARY(m64x8, operator|, m64x8, vorrq_u64)
GRADC_UNARY(m64x8, operator!, m64x8, native::invert)

// ---- memory ----

// Masked loads do not exist, so the first lanes pass through a copy.
#define GRADC_MEMORY(V, dup, ld1, st1)                                                \
  template <>                                                                         \
  GRADC_INLINE V splat<V>(ElementOf<V> x) {                                           \
    return {dup(x), dup(x), dup(x), dup(x)};                                          \
  }                                                                                   \
  template <>                                                                         \
  GRADC_INLINE V load<V>(const ElementOf<V>* p) {                                     \
    constexpr int kQuarter = kLanes<V> / 4;                                           \
    return {ld1(p), ld1(p + kQuarter), ld1(p + 2 * kQuarter), ld1(p + 3 * kQuarter)}; \
  }                                                                                   \
  template <>                                                                         \
  GRADC_INLINE V load_first<V>(const ElementOf<V>* p, int n) {                        \
    ElementOf<V> lane[kLanes<V>] = {};                                                \
    for (int i = 0; i < n; ++i) lane[i] = p[i];                                       \
    return load<V>(lane);                                                             \
  }                                                                                   \
  GRADC_INLINE void store(ElementOf<V>* p, V x) {                                     \
    constexpr int kQuarter = kLanes<V> / 4;                                           \
    st1(p, x.a);                                                                      \
    st1(p + kQuarter, x.b);                                                           \
    st1(p + 2 * kQuarter, x.c);                                                       \
    st1(p + 3 * kQuarter, x.d);                                                       \
  }                                                                                   \
  GRADC_INLINE void store_first(ElementOf<V>* p, V x, int n) {                        \
    ElementOf<V> lane[kLanes<V>];                                                     \
    store(lane, x);                                                                   \
    for (int i = 0; i < n; ++i) p[i] = lane[i];                                       \
  }

GRADC_MEMORY(f32x16, vdupq_n_f32, vld1q_f32, vst1q_f32)
GRADC_MEMORY(f64x8, vdupq_n_f64, vld1q_f64, vst1q_f64)
GRADC_MEMORY(i32x16, vdupq_n_s32, vld1q_s32, vst1q_s32)
GRADC_MEMORY(i64x8, vdupq_n_s64, vld1q_s64, vst1q_s64)

template <VectorLanes V, class F>
GRADC_INLINE V generate(F f) {
  ElementOf<V> lane[kLanes<V>];
  for (int i = 0; i < kLanes<V>; ++i) lane[i] = f(i);
  return load<V>(lane);
}

template <VectorLanes V>
GRADC_INLINE MaskOf<V> first(int n) {
  using I = IntegerOf<V>;
  return generate<I>([](int i) GRADC_INLINE_LAMBDA { return i; }) < splat<I>(n);
}

GRADC_INLINE i64x8 load_widened(const std::int32_t* p) {
  return {vmovl_s32(vld1_s32(p)), vmovl_s32(vld1_s32(p + 2)), vmovl_s32(vld1_s32(p + 4)),
          vmovl_s32(vld1_s32(p + 6))};
}
GRADC_INLINE f64x8 load_widened(const float* p) {
  return {vcvt_f64_f32(vld1_f32(p)), vcvt_f64_f32(vld1_f32(p + 2)), vcvt_f64_f32(vld1_f32(p + 4)),
          vcvt_f64_f32(vld1_f32(p + 6))};
}
GRADC_INLINE void store(float* p, f64x8 x) {
  vst1_f32(p, vcvt_f32_f64(x.a));
  vst1_f32(p + 2, vcvt_f32_f64(x.b));
  vst1_f32(p + 4, vcvt_f32_f64(x.c));
  vst1_f32(p + 6, vcvt_f32_f64(x.d));
}

// ---- conversion ----

GRADC_UNARY(f32x16, to_real, i32x16, vcvtq_f32_s32)
GRADC_UNARY(f64x8, to_real, i64x8, vcvtq_f64_s64)
GRADC_UNARY(i32x16, to_integer, f32x16, vcvtq_s32_f32)
GRADC_UNARY(i64x8, to_integer, f64x8, native::to_integer)

template <>
GRADC_INLINE f32x16 cast<f32x16>(i32x16 x) {
  return to_real(x);
}
template <>
GRADC_INLINE f64x8 cast<f64x8>(i64x8 x) {
  return to_real(x);
}
template <>
GRADC_INLINE i32x16 cast<i32x16>(f32x16 x) {
  return to_integer(x);
}
template <>
GRADC_INLINE i64x8 cast<i64x8>(f64x8 x) {
  return to_integer(x);
}

#undef GRADC_UNARY
#undef GRADC_BINARY
#undef GRADC_TERNARY
#undef GRADC_SHIFT
#undef GRADC_MEMORY

// ---- across lanes ----

GRADC_INLINE float lane0(f32x16 x) { return vgetq_lane_f32(x.a, 0); }
GRADC_INLINE double lane0(f64x8 x) { return vgetq_lane_f64(x.a, 0); }

// Lanes n .. 2n - 1 of x, moved to lanes 0 .. n - 1; the rest is unspecified.
template <int n>
GRADC_INLINE f32x16 second(f32x16 x) {
  if constexpr (n == 8) return {x.c, x.d, x.c, x.d};
  if constexpr (n == 4) return {x.b, x.b, x.c, x.d};
  if constexpr (n < 4) return {vextq_f32(x.a, x.a, n), x.b, x.c, x.d};
}
template <int n>
GRADC_INLINE f64x8 second(f64x8 x) {
  if constexpr (n == 4) return {x.c, x.d, x.c, x.d};
  if constexpr (n == 2) return {x.b, x.b, x.c, x.d};
  if constexpr (n == 1) return {vextq_f64(x.a, x.a, 1), x.b, x.c, x.d};
}

namespace native {

// What rows are folded with: a sum, or the larger one as `max` understands it.
struct Plus {
  GRADC_INLINE float32x4_t operator()(float32x4_t x, float32x4_t y) const {
    return vaddq_f32(x, y);
  }
  GRADC_INLINE float64x2_t operator()(float64x2_t x, float64x2_t y) const {
    return vaddq_f64(x, y);
  }
};
struct Larger {
  template <class R>
  GRADC_INLINE R operator()(R x, R y) const {
    return maximum(x, y);
  }
};

template <class F, class V>
GRADC_INLINE auto fold_registers(F f, V x) {
  return f(f(x.a, x.c), f(x.b, x.d));
}
// (x0 + x2, x1 + x3, y0 + y2, y1 + y3)
template <class F>
GRADC_INLINE float32x4_t fold_halves(F f, float32x4_t x, float32x4_t y) {
  const float64x2_t p = vreinterpretq_f64_f32(x), q = vreinterpretq_f64_f32(y);
  return f(vreinterpretq_f32_f64(vzip1q_f64(p, q)), vreinterpretq_f32_f64(vzip2q_f64(p, q)));
}
template <class F>
GRADC_INLINE float32x4_t folds(F f, f32x16 v0, f32x16 v1, f32x16 v2, f32x16 v3) {
  const float32x4_t v01 = fold_halves(f, fold_registers(f, v0), fold_registers(f, v1));
  const float32x4_t v23 = fold_halves(f, fold_registers(f, v2), fold_registers(f, v3));
  return f(vuzp1q_f32(v01, v23), vuzp2q_f32(v01, v23));
}
template <class F>
GRADC_INLINE float64x2_t folds(F f, f64x8 v0, f64x8 v1) {
  const float64x2_t x = fold_registers(f, v0), y = fold_registers(f, v1);
  return f(vuzp1q_f64(x, y), vuzp2q_f64(x, y));
}

// Transposes 4 x 4 lanes, or 2 x 2.
GRADC_INLINE void transpose(float32x4_t& r0, float32x4_t& r1, float32x4_t& r2, float32x4_t& r3) {
  const float64x2_t t0 = vreinterpretq_f64_f32(vtrn1q_f32(r0, r1));
  const float64x2_t t1 = vreinterpretq_f64_f32(vtrn2q_f32(r0, r1));
  const float64x2_t t2 = vreinterpretq_f64_f32(vtrn1q_f32(r2, r3));
  const float64x2_t t3 = vreinterpretq_f64_f32(vtrn2q_f32(r2, r3));
  r0 = vreinterpretq_f32_f64(vzip1q_f64(t0, t2));
  r1 = vreinterpretq_f32_f64(vzip1q_f64(t1, t3));
  r2 = vreinterpretq_f32_f64(vzip2q_f64(t0, t2));
  r3 = vreinterpretq_f32_f64(vzip2q_f64(t1, t3));
}
GRADC_INLINE void transpose(float64x2_t& r0, float64x2_t& r1) {
  const float64x2_t low = vzip1q_f64(r0, r1);
  r1 = vzip2q_f64(r0, r1);
  r0 = low;
}
GRADC_INLINE void transpose_each(f32x16& v0, f32x16& v1, f32x16& v2, f32x16& v3) {
  transpose(v0.a, v1.a, v2.a, v3.a);
  transpose(v0.b, v1.b, v2.b, v3.b);
  transpose(v0.c, v1.c, v2.c, v3.c);
  transpose(v0.d, v1.d, v2.d, v3.d);
}
GRADC_INLINE void transpose_each(f64x8& v0, f64x8& v1) {
  transpose(v0.a, v1.a);
  transpose(v0.b, v1.b);
  transpose(v0.c, v1.c);
  transpose(v0.d, v1.d);
}
template <class R>
GRADC_INLINE void exchange(R& x, R& y) {
  const R kept = x;
  x = y;
  y = kept;
}
// Transposes the 4 x 4 matrix of registers.
template <class V>
GRADC_INLINE void transpose_registers(V& v0, V& v1, V& v2, V& v3) {
  exchange(v0.b, v1.a);
  exchange(v0.c, v2.a);
  exchange(v0.d, v3.a);
  exchange(v1.c, v2.b);
  exchange(v1.d, v3.b);
  exchange(v2.d, v3.c);
}

}  // namespace native

template <class F>
GRADC_INLINE f32x16 folds(F f, f32x16 v0, f32x16 v1, f32x16 v2, f32x16 v3, f32x16 v4, f32x16 v5,
                          f32x16 v6, f32x16 v7, f32x16 v8, f32x16 v9, f32x16 v10, f32x16 v11,
                          f32x16 v12, f32x16 v13, f32x16 v14, f32x16 v15) {
  return {native::folds(f, v0, v1, v2, v3), native::folds(f, v4, v5, v6, v7),
          native::folds(f, v8, v9, v10, v11), native::folds(f, v12, v13, v14, v15)};
}
template <class F>
GRADC_INLINE f64x8 folds(F f, f64x8 v0, f64x8 v1, f64x8 v2, f64x8 v3, f64x8 v4, f64x8 v5, f64x8 v6,
                         f64x8 v7) {
  return {native::folds(f, v0, v1), native::folds(f, v2, v3), native::folds(f, v4, v5),
          native::folds(f, v6, v7)};
}

GRADC_INLINE void transpose(f32x16& v0, f32x16& v1, f32x16& v2, f32x16& v3, f32x16& v4, f32x16& v5,
                            f32x16& v6, f32x16& v7, f32x16& v8, f32x16& v9, f32x16& v10,
                            f32x16& v11, f32x16& v12, f32x16& v13, f32x16& v14, f32x16& v15) {
  native::transpose_each(v0, v1, v2, v3);
  native::transpose_each(v4, v5, v6, v7);
  native::transpose_each(v8, v9, v10, v11);
  native::transpose_each(v12, v13, v14, v15);
  native::transpose_registers(v0, v4, v8, v12);
  native::transpose_registers(v1, v5, v9, v13);
  native::transpose_registers(v2, v6, v10, v14);
  native::transpose_registers(v3, v7, v11, v15);
}
GRADC_INLINE void transpose(f64x8& v0, f64x8& v1, f64x8& v2, f64x8& v3, f64x8& v4, f64x8& v5,
                            f64x8& v6, f64x8& v7) {
  native::transpose_each(v0, v1);
  native::transpose_each(v2, v3);
  native::transpose_each(v4, v5);
  native::transpose_each(v6, v7);
  native::transpose_registers(v0, v2, v4, v6);
  native::transpose_registers(v1, v3, v5, v7);
}

}  // namespace gradc::core::inline GRADC_TARGET
