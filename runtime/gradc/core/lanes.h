// The vocabulary of vector code: lane types, and the operations that take a type.
//
// A logical vector holds 64 bytes on every target, whatever its registers: 16 lanes of f32 or i32,
// 8 lanes of f64 or i64. The scalars float, double, std::int32_t and std::int64_t count as vectors
// of one lane: each function of scalar.h and vector.h exists for both, and a lane gets the same
// bits as a scalar. So one text serves a loop over whole vectors and its remainder.
//
//   load<V>(p)             kLanes<V> elements from p, which needs no alignment beyond its element's
//   load_first<V>(p, n)    n of them, 0 <= n <= kLanes<V>, then zeros; reads nothing beyond
//   splat<V>(x)            x in each lane
//   generate<V>(f)         f(0), f(1), ...
//   first<V>(n)            a mask: true in the lanes below n
//   cast<V>(x)             i32 <-> f32, i64 <-> f64. To an integer: toward zero, out of range gives
//                          the nearest integer there is, NaN gives 0. An i64 must lie within
//                          -2^51 .. 2^51.
#pragma once

#include <gradc/core/target.h>

#include <cstdint>

namespace gradc::core::inline GRADC_TARGET {

struct f32x16;
struct f64x8;
struct i32x16;
struct i64x8;
struct m32x16;  // 16 times true or false, made by comparing f32x16 or i32x16
struct m64x8;

namespace traits {

template <class T, class I, class M, int n>
struct Facts {
  using Element = T;
  using Integer = I;
  using Mask = M;
  static constexpr int kLanes = n;
};

template <class V>
struct Of;
// clang-format off
template <> struct Of<float> : Facts<float, std::int32_t, bool, 1> {};
template <> struct Of<double> : Facts<double, std::int64_t, bool, 1> { using Narrow = float; };
template <> struct Of<std::int32_t> : Facts<std::int32_t, std::int32_t, bool, 1> {};
template <> struct Of<std::uint32_t> : Facts<std::uint32_t, std::int32_t, bool, 1> {};
template <> struct Of<std::int64_t> : Facts<std::int64_t, std::int64_t, bool, 1> {
  using Narrow = std::int32_t;
};
template <> struct Of<f32x16> : Facts<float, i32x16, m32x16, 16> {};
template <> struct Of<f64x8> : Facts<double, i64x8, m64x8, 8> { using Narrow = float; };
template <> struct Of<i32x16> : Facts<std::int32_t, i32x16, m32x16, 16> {};
template <> struct Of<i64x8> : Facts<std::int64_t, i64x8, m64x8, 8> {
  using Narrow = std::int32_t;
};
// clang-format on

}  // namespace traits

template <class V>
using ElementOf = typename traits::Of<V>::Element;

// The integers with as many bits a lane, and as many lanes.
template <class V>
using IntegerOf = typename traits::Of<V>::Integer;

// What comparing two V gives, and `select` takes.
template <class V>
using MaskOf = typename traits::Of<V>::Mask;

template <class V>
inline constexpr int kLanes = traits::Of<V>::kLanes;

template <class V>
concept AnyLanes = requires { traits::Of<V>::kLanes; };
template <class V>
concept VectorLanes = AnyLanes<V> && kLanes<V> != 1;
template <class V>
concept ScalarLane = AnyLanes<V> && kLanes<V> == 1;

template <class V, class T>
concept LanesOf = AnyLanes<V> && __is_same(ElementOf<V>, T);
template <class V>
concept F32 = LanesOf<V, float>;
template <class V>
concept F64 = LanesOf<V, double>;
template <class V>
concept RealLanes = F32<V> || F64<V>;

template <VectorLanes V>
V load(const ElementOf<V>* p);
template <VectorLanes V>
V load_first(const ElementOf<V>* p, int n);
template <VectorLanes V>
V splat(ElementOf<V> x);
template <VectorLanes V, class F>
V generate(F f);
template <VectorLanes V>
MaskOf<V> first(int n);
template <AnyLanes V, class From>
V cast(From x);

}  // namespace gradc::core::inline GRADC_TARGET
