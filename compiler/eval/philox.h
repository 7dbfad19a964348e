// The random numbers of a graph: Philox4x32 with ten rounds (Salmon, Moraes, Dror, Shaw: Parallel
// random numbers: as easy as 1, 2, 3; SC 2011), a pure function of seed, stream, step and element.
//
// The definition that runtime/gradc/core/random.h computes with vectors; a test compares the two.
// Element i takes word (i / 16) % 4 of block (i / 64) * 16 + i % 16. The upper 24 bits of a word
// are a multiple of 2^-24 in [0, 1), the same in f32, f64 and here.
#pragma once

#include <array>
#include <cstdint>

namespace gradc::eval {

constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::uint64_t key) {
  auto key0 = static_cast<std::uint32_t>(key), key1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0,
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1,
               static_cast<std::uint32_t>(product0)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

constexpr double uniform(std::uint64_t seed, std::uint32_t stream, std::uint64_t step,
                         std::uint64_t element) {
  const auto block = static_cast<std::uint32_t>(element / 64 * 16 + element % 16);
  const auto words = philox(
      {block, stream, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)},
      seed);
  return static_cast<double>(words[element / 16 % 4] >> 8) * 0x1p-24;
}

}  // namespace gradc::eval
