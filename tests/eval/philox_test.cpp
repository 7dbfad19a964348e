// The interpreter's random numbers are those of the runtime.
#include <eval/philox.h>
#include <gradc/core/random.h>
#include <graphs/dice.h>
#include <gtest/gtest.h>

namespace gradc::eval {
namespace {

// Known answers of the authors' Random123, kat_vectors.
TEST(Philox, KnownAnswers) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, ~std::uint64_t{0}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, SameAsTheRuntime) {
  graphs::Dice dice(1);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t seed = dice.word(), step = dice.word() >> dice.below(64);
    const auto stream = static_cast<std::uint32_t>(dice.word());
    const int element = dice.below(std::int64_t{1} << 31);
    ASSERT_EQ(uniform(seed, stream, step, element),
              core::uniform<float>({seed, stream, step}, element));
  }
}

}  // namespace
}  // namespace gradc::eval
