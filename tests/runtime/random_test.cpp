#include <gradc/core/random.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "runtime/numbers.h"

namespace gradc::core {
namespace {

using test::lanes;

using Block = std::array<std::uint32_t, 4>;

Block philox_of(Block counter, std::uint64_t key) {
  const auto words = philox<std::uint32_t>({counter[0], counter[1], counter[2], counter[3]}, key);
  return {words.w0, words.w1, words.w2, words.w3};
}

// The known answers for philox4x32 with 10 rounds that the authors publish with Random123.
TEST(PhiloxTest, KnownAnswers) {
  EXPECT_EQ(philox_of({0, 0, 0, 0}, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox_of({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox_of({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, SixteenBlocksAtOnceAreTheSame) {
  const i32x16 block = iota<i32x16>() * splat<i32x16>(0x12345678);
  const auto words = philox<i32x16>({block, splat<i32x16>(-2), splat<i32x16>(3), block}, 99);
  for (int k = 0; k < 16; ++k) {
    const auto at = static_cast<std::uint32_t>(lanes(block)[k]);
    const Block expected = philox_of({at, 0xfffffffe, 3, at}, 99);
    const Block got = {static_cast<std::uint32_t>(lanes(words.w0)[k]),
                       static_cast<std::uint32_t>(lanes(words.w1)[k]),
                       static_cast<std::uint32_t>(lanes(words.w2)[k]),
                       static_cast<std::uint32_t>(lanes(words.w3)[k])};
    EXPECT_EQ(got, expected) << "lane " << k;
  }
}

constexpr Draw kDraw{.seed = 0x0123456789abcdef, .stream = 5, .step = 0x100000007};

// The layout that the header states: a run must repeat with another version of this file.
TEST(DrawTest, ElementsLieInRowsOfSixteen) {
  for (const int element : {0, 1, 15, 16, 37, 63, 64, 1000}) {
    const auto block = static_cast<std::uint32_t>(element / 64 * 16 + element % 16);
    const Block words = philox_of({block, 5, 7, 1}, kDraw.seed);
    EXPECT_EQ(uniform<float>(kDraw, element),
              static_cast<float>(words[element / 16 % 4] >> 8) * 0x1p-24f)
        << "element " << element;
  }
}

TEST(DrawTest, VectorsHoldTheScalarsOfTheirElements) {
  for (int first = 0; first < 300; ++first) {
    const auto u = lanes(uniform<f32x16>(kDraw, first)), z = lanes(normal<f32x16>(kDraw, first));
    for (int k = 0; k < 16; ++k) {
      ASSERT_SAME(u[k], uniform<float>(kDraw, first + k)) << first << " + " << k;
      ASSERT_SAME(z[k], normal<float>(kDraw, first + k)) << first << " + " << k;
    }
    const auto wide_u = lanes(uniform<f64x8>(kDraw, first));
    const auto wide_z = lanes(normal<f64x8>(kDraw, first));
    for (int k = 0; k < 8; ++k) {
      ASSERT_SAME(wide_u[k], uniform<double>(kDraw, first + k)) << first << " + " << k;
      ASSERT_SAME(wide_z[k], normal<double>(kDraw, first + k)) << first << " + " << k;
    }
  }
}

TEST(DrawTest, BothTypesDrawTheSame) {
  for (int i = 0; i < 10000; ++i) {
    ASSERT_EQ(uniform<double>(kDraw, i), double{uniform<float>(kDraw, i)});
    ASSERT_NEAR(normal<double>(kDraw, i), normal<float>(kDraw, i), 1e-5) << "element " << i;
  }
}

TEST(DrawTest, SeedStreamStepAndElementAllMatter) {
  const float u = uniform<float>(kDraw, 9);
  for (const Draw& other :
       {Draw{kDraw.seed + 1, kDraw.stream, kDraw.step},
        Draw{kDraw.seed ^ (std::uint64_t{1} << 40), kDraw.stream, kDraw.step},
        Draw{kDraw.seed, kDraw.stream + 1, kDraw.step},
        Draw{kDraw.seed, kDraw.stream, kDraw.step + 1},
        Draw{kDraw.seed, kDraw.stream, kDraw.step ^ (std::uint64_t{1} << 40)}}) {
    EXPECT_NE(uniform<float>(other, 9), u);
  }
  EXPECT_NE(uniform<float>(kDraw, 10), u);
}

// With n numbers the mean of a moment is normal around its expectation; five standard deviations
// are allowed, and the seed is fixed.
constexpr int kCount = 1 << 20;

TEST(DrawTest, UniformNumbersFillTheUnitInterval) {
  double sum_of_x = 0;
  int bins[64] = {};
  for (int i = 0; i < kCount; i += 16) {
    for (const float x : lanes(uniform<f32x16>(kDraw, i))) {
      ASSERT_GE(x, 0);
      ASSERT_LT(x, 1);
      sum_of_x += x;
      ++bins[static_cast<int>(x * 64)];
    }
  }
  EXPECT_NEAR(sum_of_x / kCount, 0.5, 5 * std::sqrt(1.0 / 12 / kCount));
  for (const int bin : bins) EXPECT_NEAR(bin, kCount / 64, 5 * std::sqrt(kCount / 64));
}

TEST(DrawTest, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
  double moments[5] = {}, of_neighbours = 0;
  double previous = 0;
  for (int i = 0; i < kCount; i += 16) {
    for (const float x : lanes(normal<f32x16>(kDraw, i))) {
      ASSERT_LT(std::abs(x), 5.77f);
      double power = 1;
      for (double& moment : moments) moment += power, power *= x;
      of_neighbours += previous * x;
      previous = x;
    }
  }
  const double unit = 5 / std::sqrt(kCount);
  EXPECT_NEAR(moments[1] / kCount, 0, unit);
  EXPECT_NEAR(moments[2] / kCount, 1, unit * std::sqrt(2));
  EXPECT_NEAR(moments[3] / kCount, 0, unit * std::sqrt(15));
  EXPECT_NEAR(moments[4] / kCount, 3, unit * std::sqrt(96));
  EXPECT_NEAR(of_neighbours / kCount, 0, unit);
}

}  // namespace
}  // namespace gradc::core
