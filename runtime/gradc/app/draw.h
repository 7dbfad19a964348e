// What this folder draws at random, each use with a stream of its own.
//
// The initial values of a model's tensors take the streams 0, 1, ...; these count down from the
// top.
#pragma once

#include <gradc/core/random.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace gradc::app {

inline constexpr std::uint32_t kBatchStream = 0xFFFFFFFF;
inline constexpr std::uint32_t kSplitStream = 0xFFFFFFFE;
inline constexpr std::uint32_t kMoonsStream = 0xFFFFFFFD;
inline constexpr std::uint32_t kSampleStream = 0xFFFFFFFC;
inline constexpr std::uint32_t kCheckStream = 0xFFFFFFFB;
inline constexpr std::uint32_t kPairsStream = 0xFFFFFFFA;

// Numbers below `bound` <= 2^32: word w of block b (see random.h) is number 4 * b + w.
// A number comes up at most once in 2^32 / bound draws too often or too rarely.
inline void draw_below(const core::Draw& draw, std::uint64_t bound,
                       std::span<std::uint32_t> numbers) {
  const auto scaled = [&](std::uint32_t word) {
    return static_cast<std::uint32_t>(word * bound >> 32);
  };
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    const core::Words<std::uint32_t> words = core::philox<std::uint32_t>(
        {static_cast<std::uint32_t>(i / 4), draw.stream, static_cast<std::uint32_t>(draw.step),
         static_cast<std::uint32_t>(draw.step >> 32)},
        draw.seed);
    numbers[i] = scaled(words.w0);
    if (i + 1 < numbers.size()) numbers[i + 1] = scaled(words.w1);
    if (i + 2 < numbers.size()) numbers[i + 2] = scaled(words.w2);
    if (i + 3 < numbers.size()) numbers[i + 3] = scaled(words.w3);
  }
}

// 0 .. size - 1 in random order.
inline std::vector<std::uint32_t> draw_permutation(const core::Draw& draw, std::size_t size) {
  std::vector<std::uint32_t> order(size);
  for (std::size_t i = 0; i < size; ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t i = size; i > 1; --i) {  // Fisher and Yates
    std::uint32_t other;
    draw_below({draw.seed, draw.stream, i}, i, {&other, 1});
    std::swap(order[i - 1], order[other]);
  }
  return order;
}

}  // namespace gradc::app
