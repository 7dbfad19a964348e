// Random numbers that depend on where they are used, not on when or by which thread.
//
// There is no generator with a state. A Draw names one use of randomness (the seed of the run, the
// stream of the node that draws, the step of training) and each element of the drawn tensor has an
// index; the number is a pure function of the four. So a run repeats with any number of threads, in
// any order, and a vector holds exactly what the scalar function gives for each of its lanes.
//
//   uniform<V>(draw, i)    elements i, i + 1, ... uniform in [0, 1): multiples of 2^-24
//   normal<V>(draw, i)     elements i, i + 1, ... of mean 0 and variance 1; |x| < 5.77
//
// V is float, f32x16, double or f64x8. Indices lie in 0 .. 2^31 - 1. In f64 the uniform numbers are
// those of f32, so that a model makes the same choices in both.
//
// The function is Philox4x32 with ten rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers:
// as easy as 1, 2, 3; SC 2011). Layout, in words of 32 bits, low first:
//
//   key      seed, seed >> 32
//   counter  block, stream, step, step >> 32
//
// One block gives four words. Elements are numbered in groups of 64 = 4 rows of 16: element i takes
// word (i / 16) % 4 of block (i / 64) * 16 + i % 16. So the sixteen lanes of a vector are sixteen
// blocks side by side, and their four words are four vectors of consecutive elements.
#pragma once

#include <gradc/core/math.h>

#include <cstdint>

namespace gradc::core::inline GRADC_TARGET {

struct Draw {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::uint64_t step = 0;
};

// Four words, or sixteen times four.
template <class V>
struct Words {
  V w0, w1, w2, w3;
};

// V is std::uint32_t or i32x16.
template <class V>
GRADC_INLINE Words<V> philox(Words<V> counter, std::uint64_t key) {
  const V multiplier0 = splat<V>(0xD2511F53), multiplier1 = splat<V>(0xCD9E8D57);
  std::uint32_t key0 = static_cast<std::uint32_t>(key);
  std::uint32_t key1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    counter = {multiply_high(multiplier1, counter.w2) ^ counter.w1 ^ splat<V>(key0),
               multiplier1 * counter.w2,
               multiply_high(multiplier0, counter.w0) ^ counter.w3 ^ splat<V>(key1),
               multiplier0 * counter.w0};
    key0 += 0x9E3779B9;  // the golden ratio
    key1 += 0xBB67AE85;  // sqrt(3) - 1
  }
  return counter;
}

namespace detail {

// Words for the elements `first`, `first` + 1, ..., and the row of each.
template <class I>
struct Elements {
  Words<I> words;
  I row;
};

template <class I>
GRADC_INLINE Elements<I> draw_elements(const Draw& draw, std::int64_t first) {
  const I index = splat<I>(static_cast<std::int32_t>(first)) + iota<I>();
  const I block = shift_left<4>(shift_right<6>(index)) | (index & splat<I>(15));
  const auto word = [](auto x) { return static_cast<std::int32_t>(x); };
  const Words<I> counter{block, splat<I>(word(draw.stream)), splat<I>(word(draw.step)),
                         splat<I>(word(draw.step >> 32))};
  const I row = shift_right<4>(index) & splat<I>(3);
  if constexpr (ScalarLane<I>) {
    const auto [w0, w1, w2, w3] = philox<std::uint32_t>(
        {static_cast<std::uint32_t>(counter.w0), static_cast<std::uint32_t>(counter.w1),
         static_cast<std::uint32_t>(counter.w2), static_cast<std::uint32_t>(counter.w3)},
        draw.seed);
    return {{word(w0), word(w1), word(w2), word(w3)}, row};
  } else {
    return {philox(counter, draw.seed), row};
  }
}

// The upper 24 bits of a word, as an integer in f32.
template <class V>
GRADC_INLINE V upper_bits(IntegerOf<V> word) {
  return cast<V>(shift_right_logical<8>(word));
}

// Box and Muller: for u in (0, 1] and v in [0, 1), sqrt(-2 log u) times the cosine and the sine of
// 2 pi v are two independent normal numbers. Rows 0 and 1 of a group share the words 0 and 1, rows
// 2 and 3 the others; u and v come from the first and second of the pair.
template <AnyLanes V>
GRADC_INLINE V box_muller(V first_upper, V second_upper, MaskOf<V> sine) {
  using T = ElementOf<V>;
  constexpr T kUnit = T(0x1p-24), kTurn = T(0x1.921fb54442d18p+2);
  const V radius = sqrt(splat<V>(-2) * log((first_upper + splat<V>(1)) * splat<V>(kUnit)));
  const V angle = second_upper * splat<V>(kTurn * kUnit);
  const auto turn = parts::turn(angle);
  return radius * select(sine, parts::sine_of(angle, turn), parts::cosine_of(turn));
}

}  // namespace detail

template <AnyLanes V>
  requires F32<V>
GRADC_INLINE V uniform(const Draw& draw, std::int64_t first) {
  using I = IntegerOf<V>;
  const auto [words, row] = detail::draw_elements<I>(draw, first);
  const I low = select(row == splat<I>(0), words.w0, words.w1);
  const I high = select(row == splat<I>(2), words.w2, words.w3);
  return detail::upper_bits<V>(select(row < splat<I>(2), low, high)) * splat<V>(0x1p-24f);
}

template <AnyLanes V>
  requires F32<V>
GRADC_INLINE V normal(const Draw& draw, std::int64_t first) {
  using I = IntegerOf<V>;
  const auto [words, row] = detail::draw_elements<I>(draw, first);
  const auto early = row < splat<I>(2);
  return detail::box_muller<V>(detail::upper_bits<V>(select(early, words.w0, words.w2)),
                               detail::upper_bits<V>(select(early, words.w1, words.w3)),
                               (row & splat<I>(1)) == splat<I>(1));
}

// In f64 the numbers are made one by one: from the same words, so that models that compare the two
// precisions see the same noise.
template <AnyLanes V>
  requires F64<V>
GRADC_INLINE V uniform(const Draw& draw, std::int64_t first) {
  return generate<V>([&](int i) -> double { return uniform<float>(draw, first + i); });
}

template <AnyLanes V>
  requires F64<V>
GRADC_INLINE V normal(const Draw& draw, std::int64_t first) {
  return generate<V>([&](int i) {
    const auto [words, row] = detail::draw_elements<std::int32_t>(draw, first + i);
    const bool early = row < 2;
    return detail::box_muller<double>(detail::upper_bits<float>(early ? words.w0 : words.w2),
                                      detail::upper_bits<float>(early ? words.w1 : words.w3),
                                      row % 2 == 1);
  });
}

}  // namespace gradc::core::inline GRADC_TARGET
