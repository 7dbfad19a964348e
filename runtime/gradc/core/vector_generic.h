// Vectors of 64 bytes as arrays of lanes, in plain C++: for machines that have no file of their
// own. The bits are the same; the speed is what the compiler makes of the loops. Included by
// vector.h, which documents the functions.
#pragma once

#include <gradc/core/lanes.h>
#include <gradc/core/scalar.h>

namespace gradc::core::inline GRADC_TARGET {

struct f32x16 {
  float lane[16];
};
struct f64x8 {
  double lane[8];
};
struct i32x16 {
  std::int32_t lane[16];
};
struct i64x8 {
  std::int64_t lane[8];
};
struct m32x16 {
  bool lane[16];
};
struct m64x8 {
  bool lane[8];
};

template <VectorLanes V, class F>
GRADC_INLINE V generate(F f) {
  V result;
  for (int i = 0; i < kLanes<V>; ++i) result.lane[i] = f(i);
  return result;
}

namespace detail {

template <class V, class F>
GRADC_INLINE MaskOf<V> generate_mask(F f) {
  MaskOf<V> result;
  for (int i = 0; i < kLanes<V>; ++i) result.lane[i] = f(i);
  return result;
}

}  // namespace detail

// A function of vectors, from an expression for lane i.
#define GRADC_LANES(concept, head, expression)                                 \
  template <concept V>                                                         \
    requires VectorLanes<V>                                                    \
  GRADC_INLINE V head {                                                        \
    return generate<V>([&](int i) GRADC_INLINE_LAMBDA { return expression; }); \
  }
#define GRADC_LANES_COMPARE(op)                                                                  \
  template <VectorLanes V>                                                                       \
  GRADC_INLINE MaskOf<V> operator op(V x, V y) {                                                 \
    return detail::generate_mask<V>([&](int i)                                                   \
                                        GRADC_INLINE_LAMBDA { return x.lane[i] op y.lane[i]; }); \
  }

GRADC_LANES(RealLanes, operator+(V x, V y), x.lane[i] + y.lane[i])
GRADC_LANES(RealLanes, operator-(V x, V y), x.lane[i] - y.lane[i])
GRADC_LANES(RealLanes, operator*(V x, V y), x.lane[i] * y.lane[i])
GRADC_LANES(RealLanes, operator/(V x, V y), x.lane[i] / y.lane[i])
GRADC_LANES(RealLanes, operator-(V x), -x.lane[i])
GRADC_LANES(RealLanes, sqrt(V x), sqrt(x.lane[i]))
GRADC_LANES(RealLanes, fma(V x, V y, V z), fma(x.lane[i], y.lane[i], z.lane[i]))
GRADC_LANES(AnyLanes, abs(V x), abs(x.lane[i]))
GRADC_LANES(AnyLanes, max(V x, V y), max(x.lane[i], y.lane[i]))
GRADC_LANES(AnyLanes, min(V x, V y), min(x.lane[i], y.lane[i]))
GRADC_LANES(AnyLanes, select(MaskOf<V> m, V x, V y), m.lane[i] ? x.lane[i] : y.lane[i])
GRADC_LANES_COMPARE(<)
GRADC_LANES_COMPARE(<=)
GRADC_LANES_COMPARE(==)
GRADC_LANES_COMPARE(!=)

// Integers wrap, so their arithmetic is that of unsigned words.
template <class V>
concept IntegerVector = VectorLanes<V> && !RealLanes<V>;

GRADC_INLINE std::uint32_t word(std::int32_t x) { return static_cast<std::uint32_t>(x); }
GRADC_INLINE std::uint64_t word(std::int64_t x) { return static_cast<std::uint64_t>(x); }

GRADC_LANES(IntegerVector, operator+(V x, V y), word(x.lane[i]) + word(y.lane[i]))
GRADC_LANES(IntegerVector, operator-(V x, V y), word(x.lane[i]) - word(y.lane[i]))
GRADC_LANES(IntegerVector, operator*(V x, V y), word(x.lane[i]) * word(y.lane[i]))
GRADC_LANES(IntegerVector, operator&(V x, V y), x.lane[i] & y.lane[i])
GRADC_LANES(IntegerVector, operator|(V x, V y), x.lane[i] | y.lane[i])
GRADC_LANES(IntegerVector, operator^(V x, V y), x.lane[i] ^ y.lane[i])
GRADC_LANES(IntegerVector, multiply_high(V x, V y), multiply_high(x.lane[i], y.lane[i]))

#define GRADC_LANES_SHIFT(name)                                                        \
  template <int n, IntegerVector V>                                                    \
  GRADC_INLINE V name(V x) {                                                           \
    return generate<V>([&](int i) GRADC_INLINE_LAMBDA { return name<n>(x.lane[i]); }); \
  }
GRADC_LANES_SHIFT(shift_left)
GRADC_LANES_SHIFT(shift_right)
GRADC_LANES_SHIFT(shift_right_logical)

template <class V>
  requires F32<V> && VectorLanes<V>
GRADC_INLINE i32x16 bits(V x) {
  return __builtin_bit_cast(i32x16, x);
}
template <class V>
  requires F64<V> && VectorLanes<V>
GRADC_INLINE i64x8 bits(V x) {
  return __builtin_bit_cast(i64x8, x);
}
GRADC_INLINE f32x16 from_bits(i32x16 x) { return __builtin_bit_cast(f32x16, x); }
GRADC_INLINE f64x8 from_bits(i64x8 x) { return __builtin_bit_cast(f64x8, x); }

#define GRADC_MASK(M)                                                                \
  GRADC_INLINE M operator&(M x, M y) {                                               \
    for (int i = 0; i < int{sizeof x.lane}; ++i) x.lane[i] = x.lane[i] && y.lane[i]; \
    return x;                                                                        \
  }                                                                                  \
  GRADC_INLINE M operator|(M x, M y) {                                               \
    for (int i = 0; i < int{sizeof x.lane}; ++i) x.lane[i] = x.lane[i] || y.lane[i]; \
    return x;                                                                        \
  }                                                                                  \
  GRADC_INLINE M operator!(M x) {                                                    \
    for (bool& lane : x.lane) lane = !lane;                                          \
    return x;                                                                        \
  }
GRADC_MASK(m32x16)
GRADC_MASK(m64x8)

#undef GRADC_LANES
#undef GRADC_LANES_COMPARE
#undef GRADC_LANES_SHIFT
#undef GRADC_MASK

// ---- memory ----

template <VectorLanes V>
GRADC_INLINE MaskOf<V> first(int n) {
  return detail::generate_mask<V>([=](int i) GRADC_INLINE_LAMBDA { return i < n; });
}
template <VectorLanes V>
GRADC_INLINE V splat(ElementOf<V> x) {
  return generate<V>([=](int) GRADC_INLINE_LAMBDA { return x; });
}
template <VectorLanes V>
GRADC_INLINE V load(const ElementOf<V>* p) {
  return generate<V>([=](int i) GRADC_INLINE_LAMBDA { return p[i]; });
}
template <VectorLanes V>
GRADC_INLINE V load_first(const ElementOf<V>* p, int n) {
  return generate<V>([=](int i) GRADC_INLINE_LAMBDA { return i < n ? p[i] : 0; });
}
template <VectorLanes V>
GRADC_INLINE void store_first(ElementOf<V>* p, V x, int n) {
  for (int i = 0; i < n; ++i) p[i] = x.lane[i];
}
template <VectorLanes V>
GRADC_INLINE void store(ElementOf<V>* p, V x) {
  store_first(p, x, kLanes<V>);
}
GRADC_INLINE i64x8 load_widened(const std::int32_t* p) {
  return generate<i64x8>([=](int i) GRADC_INLINE_LAMBDA { return p[i]; });
}
GRADC_INLINE f64x8 load_widened(const float* p) {
  return generate<f64x8>([=](int i) GRADC_INLINE_LAMBDA { return p[i]; });
}
GRADC_INLINE void store(float* p, f64x8 x) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<float>(x.lane[i]);
}

// ---- conversion and lanes ----

template <>
GRADC_INLINE f32x16 cast<f32x16>(i32x16 x) {
  return generate<f32x16>([&](int i) GRADC_INLINE_LAMBDA { return cast<float>(x.lane[i]); });
}
template <>
GRADC_INLINE f64x8 cast<f64x8>(i64x8 x) {
  return generate<f64x8>([&](int i) GRADC_INLINE_LAMBDA { return cast<double>(x.lane[i]); });
}
template <>
GRADC_INLINE i32x16 cast<i32x16>(f32x16 x) {
  return generate<i32x16>([&](int i) GRADC_INLINE_LAMBDA { return cast<std::int32_t>(x.lane[i]); });
}
template <>
GRADC_INLINE i64x8 cast<i64x8>(f64x8 x) {
  return generate<i64x8>([&](int i) GRADC_INLINE_LAMBDA { return cast<std::int64_t>(x.lane[i]); });
}

template <VectorLanes V>
GRADC_INLINE ElementOf<V> lane0(V x) {
  return x.lane[0];
}

// Lanes n .. 2n - 1 of x, moved to lanes 0 .. n - 1; the rest is unspecified.
template <int n, VectorLanes V>
GRADC_INLINE V second(V x) {
  for (int i = 0; i < n; ++i) x.lane[i] = x.lane[i + n];
  return x;
}

namespace native {

// What rows are folded with: a sum, or the larger one as `max` understands it.
struct Plus {
  template <class T>
  GRADC_INLINE T operator()(T x, T y) const {
    return x + y;
  }
};
struct Larger {
  template <class T>
  GRADC_INLINE T operator()(T x, T y) const {
    return max(x, y);
  }
};

}  // namespace native

template <class F, VectorLanes V, class... Vs>
  requires(1 + sizeof...(Vs) == kLanes<V>)
GRADC_INLINE V folds(F f, V v0, Vs... v) {
  V rows[] = {v0, v...};
  for (int n = kLanes<V> / 2; n > 0; n /= 2) {
    for (V& row : rows) {
      for (int i = 0; i < n; ++i) row.lane[i] = f(row.lane[i], row.lane[i + n]);
    }
  }
  return generate<V>([&](int i) GRADC_INLINE_LAMBDA { return rows[i].lane[0]; });
}

template <VectorLanes V, class... Vs>
  requires(1 + sizeof...(Vs) == kLanes<V>)
GRADC_INLINE void transpose(V& v0, Vs&... v) {
  V* rows[] = {&v0, &v...};
  for (int i = 0; i < kLanes<V>; ++i) {
    for (int j = 0; j < i; ++j) {
      const ElementOf<V> kept = rows[i]->lane[j];
      rows[i]->lane[j] = rows[j]->lane[i];
      rows[j]->lane[i] = kept;
    }
  }
}

}  // namespace gradc::core::inline GRADC_TARGET
