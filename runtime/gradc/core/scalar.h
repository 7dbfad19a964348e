// The operations of vector.h on float, double, std::int32_t and std::int64_t: a vector of one lane.
//
// These definitions are the meaning of the operations: a lane of a vector has exactly their bits
// (the sign and payload of a NaN aside, which IEEE 754 leaves to the machine).
//
//   fma(a, b, c)           a * b + c, rounded once
//   max(a, b)              a < b ? b : a, so NaN on either side gives a, and max(+0, -0) is +0
//   min(a, b)              b < a ? b : a, likewise
//   abs(x), -x             of reals: change the sign bit only, also of NaN and zero; abs of the
//                          least integer is itself
//   less(a, b), ...        1 if a < b, else 0, in the type of a; NaN is not less than, equal to, or
//                          greater than anything
//   select(m, a, b)        a where m is true; or where m is not zero (NaN is not zero), else b
//   shift_right<n>(i)      fills with the sign; shift_right_logical<n>(i) with zeros
//   multiply_high(i, j)    upper half of the product of the two words read as unsigned
//   keep_first(x, n)       x in the first n lanes, then `fill`, or zeros
//   sum(x), maximum(x)     over the lanes: lane i with lane i + w/2, then w/4, ... 1
#pragma once

#include <gradc/core/lanes.h>

#include <cstdint>

namespace gradc::core::inline GRADC_TARGET {

// ---- bits ----

GRADC_INLINE std::int32_t bits(float x) { return __builtin_bit_cast(std::int32_t, x); }
GRADC_INLINE std::int64_t bits(double x) { return __builtin_bit_cast(std::int64_t, x); }
GRADC_INLINE float from_bits(std::int32_t i) { return __builtin_bit_cast(float, i); }
GRADC_INLINE double from_bits(std::int64_t i) { return __builtin_bit_cast(double, i); }

template <int n, ScalarLane T>
GRADC_INLINE T shift_left(T i) {
  return i << n;
}
template <int n, ScalarLane T>
GRADC_INLINE T shift_right(T i) {
  return i >> n;
}
template <int n>
GRADC_INLINE std::int32_t shift_right_logical(std::int32_t i) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(i) >> n);
}
template <int n>
GRADC_INLINE std::int64_t shift_right_logical(std::int64_t i) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(i) >> n);
}
GRADC_INLINE std::uint32_t multiply_high(std::uint32_t i, std::uint32_t j) {
  return static_cast<std::uint32_t>(std::uint64_t{i} * j >> 32);
}
GRADC_INLINE std::int32_t multiply_high(std::int32_t i, std::int32_t j) {
  return static_cast<std::int32_t>(
      multiply_high(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j)));
}

// ---- arithmetic ----

GRADC_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
GRADC_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
GRADC_INLINE float sqrt(float x) { return __builtin_sqrtf(x); }
GRADC_INLINE double sqrt(double x) { return __builtin_sqrt(x); }
GRADC_INLINE float abs(float x) { return __builtin_fabsf(x); }
GRADC_INLINE double abs(double x) { return __builtin_fabs(x); }
GRADC_INLINE std::int32_t abs(std::int32_t x) {
  return static_cast<std::int32_t>(x < 0 ? 0 - static_cast<std::uint32_t>(x) : x);
}
GRADC_INLINE std::int64_t abs(std::int64_t x) {
  return static_cast<std::int64_t>(x < 0 ? 0 - static_cast<std::uint64_t>(x) : x);
}

template <ScalarLane T>
GRADC_INLINE T max(T a, T b) {
  return a < b ? b : a;
}
template <ScalarLane T>
GRADC_INLINE T min(T a, T b) {
  return b < a ? b : a;
}

// ---- choice ----

template <ScalarLane T>
GRADC_INLINE T select(bool mask, T a, T b) {
  return mask ? a : b;
}

// ---- memory and lanes ----

template <ScalarLane T>
GRADC_INLINE T load(const ElementOf<T>* p) {
  return *p;
}
template <ScalarLane T>
GRADC_INLINE T load_first(const ElementOf<T>* p, int n) {
  return n > 0 ? *p : T{};
}
template <ScalarLane T>
GRADC_INLINE void store(T* p, T x) {
  *p = x;
}
template <ScalarLane T>
GRADC_INLINE void store_first(T* p, T x, int n) {
  if (n > 0) *p = x;
}
template <ScalarLane T>
GRADC_INLINE T splat(ElementOf<T> x) {
  return x;
}
template <ScalarLane T, class F>
GRADC_INLINE T generate(F f) {
  return f(0);
}
template <ScalarLane T>
GRADC_INLINE bool first(int n) {
  return n > 0;
}
template <ScalarLane T>
GRADC_INLINE T sum(T x) {
  return x;
}
template <ScalarLane T>
GRADC_INLINE T maximum(T x) {
  return x;
}

// ---- conversion ----

template <>
GRADC_INLINE float cast<float>(std::int32_t i) {
  return static_cast<float>(i);
}
template <>
GRADC_INLINE double cast<double>(std::int64_t i) {
  return static_cast<double>(i);
}
template <>
GRADC_INLINE std::int32_t cast<std::int32_t>(float x) {
  constexpr float kEnd = 0x1p31f;
  if (x >= kEnd) return INT32_MAX;
  if (x < -kEnd) return INT32_MIN;
  return x == x ? static_cast<std::int32_t>(x) : 0;
}
template <>
GRADC_INLINE std::int64_t cast<std::int64_t>(double x) {
  constexpr double kEnd = 0x1p51;
  return x == x ? static_cast<std::int64_t>(max(min(x, kEnd), -kEnd)) : 0;
}

}  // namespace gradc::core::inline GRADC_TARGET
