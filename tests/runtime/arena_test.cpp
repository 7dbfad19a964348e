#include <gradc/core/arena.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace gradc::core {
namespace {

class ArenaTest : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, ArenaTest,
                         ::testing::Values(1, 63, 64, 100, 4096, Arena::kHugePage - 1,
                                           Arena::kHugePage, Arena::kHugePage + 1,
                                           3 * Arena::kHugePage));

TEST_P(ArenaTest, IsZeroedAlignedAndWritable) {
  {
    Arena soiled(GetParam());  // so that the allocator has used memory to hand out again
    std::fill(soiled.data(), soiled.data() + soiled.size(), std::byte{0xa5});
  }
  Arena arena(GetParam());
  ASSERT_EQ(arena.size(), GetParam());
  const auto address = reinterpret_cast<std::uintptr_t>(arena.data());
  const bool large = GetParam() >= Arena::kHugePage;
  EXPECT_EQ(address % (large ? Arena::kHugePage : Arena::kAlignment), 0u);
  EXPECT_TRUE(std::all_of(arena.data(), arena.data() + arena.size(),
                          [](std::byte b) { return b == std::byte{0}; }));
  std::fill(arena.data(), arena.data() + arena.size(), std::byte{0xff});
  EXPECT_EQ(arena.data()[arena.size() - 1], std::byte{0xff});
}

TEST(ArenaOwnershipTest, EmptyHoldsNothing) {
  const Arena arena, sized(0);
  EXPECT_EQ(arena.data(), nullptr);
  EXPECT_EQ(sized.data(), nullptr);
  EXPECT_EQ(sized.size(), 0u);
}

TEST(ArenaOwnershipTest, MovesItsBlock) {
  Arena first(256);
  std::byte* const block = first.data();
  first.at<float>(64, 2)[1] = 3;
  Arena second(std::move(first));
  EXPECT_EQ(second.data(), block);
  Arena third(64);
  third = std::move(second);
  EXPECT_EQ(third.data(), block);
  EXPECT_EQ(third.size(), 256u);
  EXPECT_EQ(third.at<float>(64, 2)[1], 3);
}

TEST(ArenaOwnershipTest, RefusesWhatTheSystemCannotGive) {
  EXPECT_THROW(Arena(std::numeric_limits<std::size_t>::max() / 4), std::bad_alloc);
}

}  // namespace
}  // namespace gradc::core
