#include <gradc/core/environment.h>
#include <gradc/core/team.h>
#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cstdint>

namespace gradc::core {
namespace {

// Hidden from the optimizer, which assumes the default environment.
double opaque(double x) {
  asm volatile("" : "+m"(x));
  return x;
}
double third() { return opaque(1.0) / opaque(3.0); }
// As bits, because flushed comparisons take subnormals for zero.
std::uint64_t half_of_least_normal() {
  return std::bit_cast<std::uint64_t>(opaque(0x1p-1022) / opaque(2.0));
}
constexpr auto kHalfOfLeastNormal = std::bit_cast<std::uint64_t>(0x1p-1023);

TEST(EnvironmentTest, RoundsToNearestAndRestoresTheMode) {
  const double nearest = third();
  ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
  const double upward = third();
  double inside;
  {
    const Environment environment;
    inside = third();
  }
  const double after = third();
  const int mode = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(inside, nearest);
  EXPECT_GT(upward, nearest);
  EXPECT_EQ(after, upward);
  EXPECT_EQ(mode, FE_UPWARD);
}

#if defined(__SSE2__)
// What a library linked with -ffast-math leaves behind.
class FlushToZero {
 public:
  FlushToZero() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040); }
  ~FlushToZero() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
};

TEST(EnvironmentTest, KeepsSubnormals) {
  const FlushToZero flush;
  EXPECT_EQ(half_of_least_normal(), 0u);
  {
    const Environment environment;
    EXPECT_EQ(half_of_least_normal(), kHalfOfLeastNormal);
  }
  EXPECT_EQ(half_of_least_normal(), 0u);
}

TEST(EnvironmentTest, AnInnerOneTrustsTheOuterOne) {
  const FlushToZero flush;
  {
    const Environment outer;
    {
      const Environment inner;
      EXPECT_EQ(half_of_least_normal(), kHalfOfLeastNormal);
    }
    EXPECT_EQ(half_of_least_normal(), kHalfOfLeastNormal);
    const FlushToZero broken;
    const Environment inner;
    EXPECT_EQ(half_of_least_normal(), 0u);
  }
  EXPECT_EQ(half_of_least_normal(), 0u);
  const Environment next;
  EXPECT_EQ(half_of_least_normal(), kHalfOfLeastNormal);
}

TEST(EnvironmentTest, EveryMemberOfATeamHasIt) {
  const FlushToZero flush;  // inherited by the threads that the team starts
  for (const int members : {1, 3}) {
    Team team(members);
    std::uint64_t results[3] = {};
    team.run([&](int member, int) { results[member] = half_of_least_normal(); });
    for (int member = 0; member < members; ++member) EXPECT_EQ(results[member], kHalfOfLeastNormal);
  }
}
#endif

}  // namespace
}  // namespace gradc::core
