// Vectors of 64 bytes on every machine: f32x16, i32x16, f64x8, i64x8.
//
// lanes.h lists the types and the operations that name a type; scalar.h says what each operation
// means, exactly. This file adds those that follow from others, for vectors and scalars alike:
//
//   x > y, x >= y, neg(x)
//   less(x, y), less_equal(x, y), equal(x, y)      1 or 0 in the element's type
//   select(m, x, y)                                with m such a value: x where m != 0
//   keep_first(x, n), keep_first(x, n, fill)       the lanes from n on become zero, or fill
//   iota<V>()                                      0, 1, 2, ...
//   load_strided<V>(p, stride), store_strided      lane i at p[i * stride]
//   gather<V>(p, index)                            lane i is p[index[i]]; index is a vector of the
//                                                  matching integers, or points to std::int32_t
//   load<i64x8>(p), gather<f64x8>(p, index)        also take std::int32_t, which they widen
//   load<f64x8>(p), store(p, f64x8)                also take float, which they widen, or round to
//   sum(x), maximum(x)                             all lanes, in the tree that scalar.h names
//   sums<V>(p), maxima<V>(p)                       lane i is that of the i-th vector from p on, for
//                                                  as many vectors as one has lanes
//   transpose(v0, ..., v15)                        lane j of vi and lane i of vj change places
//
// A vector is a struct of native registers, for which compilers make better code than for a wider
// vector type of their own. It owns nothing and may be copied freely; keep it in a named variable,
// because an array of vectors that is indexed in a loop lives in memory, and pass it to nothing
// that may stay a call: lambdas take GRADC_INLINE_LAMBDA. Code that uses the functions on scalars
// belongs in this namespace or names it (core::exp), or else ::exp(double) of the C library
// competes.
//
// Numbers: each lane is rounded as IEEE 754 says, to nearest, with subnormals, once per operation.
// On a machine without fused multiply-add (generic), fma is a library call: same bits, slow.
#pragma once

#include <gradc/core/lanes.h>
#include <gradc/core/scalar.h>

#include <cstddef>
#include <utility>

#if defined(GRADC_TARGET_AVX512)
#include <gradc/core/vector_avx512.h>
#elif defined(GRADC_TARGET_AVX2)
#include <gradc/core/vector_avx2.h>
#elif defined(GRADC_TARGET_NEON)
#include <gradc/core/vector_neon.h>
#else
#include <gradc/core/vector_generic.h>
#endif

namespace gradc::core::inline GRADC_TARGET {

// ---- comparison and choice ----

template <VectorLanes V>
GRADC_INLINE MaskOf<V> operator>(V x, V y) {
  return y < x;
}
template <VectorLanes V>
GRADC_INLINE MaskOf<V> operator>=(V x, V y) {
  return y <= x;
}
template <AnyLanes V>
GRADC_INLINE V neg(V x) {
  return -x;
}

template <AnyLanes V>
GRADC_INLINE V one_where(MaskOf<V> mask) {
  return select(mask, splat<V>(1), splat<V>(0));
}
template <AnyLanes V>
GRADC_INLINE V less(V x, V y) {
  return one_where<V>(x < y);
}
template <AnyLanes V>
GRADC_INLINE V less_equal(V x, V y) {
  return one_where<V>(x <= y);
}
template <AnyLanes V>
GRADC_INLINE V equal(V x, V y) {
  return one_where<V>(x == y);
}
template <AnyLanes V>
GRADC_INLINE V select(V mask, V x, V y) {
  return select(mask != splat<V>(0), x, y);
}

template <AnyLanes V>
GRADC_INLINE V keep_first(V x, int n, V fill) {
  return select(first<V>(n), x, fill);
}
template <AnyLanes V>
GRADC_INLINE V keep_first(V x, int n) {
  return keep_first(x, n, splat<V>(0));
}

// ---- memory ----

template <AnyLanes V>
GRADC_INLINE V iota() {
  return generate<V>([](int i) GRADC_INLINE_LAMBDA { return static_cast<ElementOf<V>>(i); });
}

template <AnyLanes V>
  requires(sizeof(ElementOf<V>) == 8)
GRADC_INLINE V load(const typename traits::Of<V>::Narrow* p) {
  if constexpr (ScalarLane<V>) {
    return *p;
  } else {
    return load_widened(p);
  }
}

template <AnyLanes V>
GRADC_INLINE V load_strided(const ElementOf<V>* p, std::int64_t stride) {
  return generate<V>([=](int i) GRADC_INLINE_LAMBDA { return p[i * stride]; });
}
template <AnyLanes V>
GRADC_INLINE void store_strided(ElementOf<V>* p, V x, std::int64_t stride) {
  alignas(64) ElementOf<V> lane[kLanes<V>];
  store(lane, x);
  for (int i = 0; i < kLanes<V>; ++i) p[i * stride] = lane[i];
}

// Sixteen loads and inserts are no slower than the gather instructions, and exist everywhere.
template <AnyLanes V>
GRADC_INLINE V gather(const ElementOf<V>* p, const std::int32_t* index) {
  return generate<V>([=](int i) GRADC_INLINE_LAMBDA { return p[index[i]]; });
}
template <AnyLanes V>
GRADC_INLINE V gather(const ElementOf<V>* p, IntegerOf<V> index) {
  alignas(64) ElementOf<IntegerOf<V>> lane[kLanes<V>];
  store(lane, index);
  return generate<V>([&](int i) GRADC_INLINE_LAMBDA { return p[lane[i]]; });
}

// Asks for the line of memory with element `i` of `p`, which need not exist.
template <class T>
GRADC_INLINE void prefetch(const T* p, std::int64_t i) {
  const std::uintptr_t place =
      reinterpret_cast<std::uintptr_t>(p) + static_cast<std::uintptr_t>(i) * sizeof(T);
  __builtin_prefetch(reinterpret_cast<const void*>(place));
}

// ---- across lanes ----

// x combined with itself until lane 0 holds all lanes: i with i + w/2, i + w/4, ..., i + 1.
template <VectorLanes V, class Combine>
GRADC_INLINE ElementOf<V> fold(V x, Combine combine) {
  if constexpr (kLanes<V> == 16) x = combine(x, second<8>(x));
  x = combine(x, second<4>(x));
  x = combine(x, second<2>(x));
  x = combine(x, second<1>(x));
  return lane0(x);
}
template <VectorLanes V>
GRADC_INLINE ElementOf<V> sum(V x) {
  return fold(x, [](V a, V b) GRADC_INLINE_LAMBDA { return a + b; });
}
template <VectorLanes V>
GRADC_INLINE ElementOf<V> maximum(V x) {
  return fold(x, [](V a, V b) GRADC_INLINE_LAMBDA { return max(a, b); });
}

// Sixteen folds cost half as many operations together as one by one.
template <VectorLanes V, class F, std::size_t... i>
GRADC_INLINE V folds_of(F f, const ElementOf<V>* p, std::index_sequence<i...>) {
  return folds(f, load<V>(p + i * kLanes<V>)...);
}
template <VectorLanes V>
GRADC_INLINE V sums(const ElementOf<V>* p) {
  return folds_of<V>(native::Plus{}, p, std::make_index_sequence<kLanes<V>>{});
}
template <VectorLanes V>
GRADC_INLINE V maxima(const ElementOf<V>* p) {
  return folds_of<V>(native::Larger{}, p, std::make_index_sequence<kLanes<V>>{});
}

}  // namespace gradc::core::inline GRADC_TARGET
