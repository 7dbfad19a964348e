#include <gradc/core/team.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace gradc::core {
namespace {

class TeamTest : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, TeamTest, ::testing::Values(1, 2, 3, 8));

TEST_P(TeamTest, EachMemberRunsOnceARound) {
  Team team(GetParam());
  ASSERT_EQ(team.members(), GetParam());
  std::vector<int> runs(GetParam(), 0);  // plain ints: the team orders all accesses
  for (int round = 1; round <= 500; ++round) {
    team.run([&](int member, int members) {
      ASSERT_EQ(members, GetParam());
      ++runs[member];
    });
    ASSERT_EQ(runs, std::vector<int>(GetParam(), round));
  }
}

TEST_P(TeamTest, TheCallerIsMemberZero) {
  Team team(GetParam());
  const std::thread::id caller = std::this_thread::get_id();
  team.run([&](int member, int) { EXPECT_EQ(member == 0, std::this_thread::get_id() == caller); });
}

// Each member writes its own cell, and after the barrier reads its neighbour's: a prefix sum that
// is wrong as soon as anyone is early or late.
TEST_P(TeamTest, NobodyPassesABarrierEarly) {
  Team team(GetParam());
  const int n = GetParam();
  std::vector<std::int64_t> from(n), to(n);
  for (int i = 0; i < n; ++i) from[i] = i;
  const std::vector<std::int64_t> first = from;
  constexpr int kSteps = 300;
  team.run([&](int member, int members) {
    for (int step = 0; step < kSteps; ++step) {
      to[member] = from[(member + 1) % members];
      team.barrier();
      from[member] = to[member];
      team.barrier();
    }
  });
  for (int i = 0; i < n; ++i) EXPECT_EQ(from[i], first[(i + kSteps) % n]);
}

TEST_P(TeamTest, WorksAfterItHasSlept) {
  Team team(GetParam());
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    std::atomic<int> ran = 0;
    team.run([&](int, int) { ++ran; });
    EXPECT_EQ(ran, GetParam());
  }
}

TEST_P(TeamTest, UnevenWorkIsWaitedFor) {
  Team team(GetParam());
  for (int slow = 0; slow < GetParam(); ++slow) {
    std::vector<int> done(GetParam(), 0);
    team.run([&](int member, int) {
      if (member == slow) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      done[member] = 1;
    });
    EXPECT_EQ(std::count(done.begin(), done.end(), 1), GetParam()) << "member " << slow << " slow";
  }
}

TEST(TeamConstructionTest, FewerThanOneMemberIsOne) {
  Team team(0);
  int calls = 0;
  team.run([&](int member, int members) {
    EXPECT_EQ(member, 0);
    EXPECT_EQ(members, 1);
    team.barrier();
    ++calls;
  });
  EXPECT_EQ(calls, 1);
}

TEST(TeamConstructionTest, ATeamThatNeverRanIsDestroyed) {
  for (int i = 0; i < 100; ++i) Team team(4);
}

TEST(TeamConstructionTest, TeamsDoNotDisturbEachOther) {
  Team first(2), second(3);
  std::atomic<int> sum = 0;
  for (int round = 0; round < 200; ++round) {
    first.run([&](int, int) { sum += 1; });
    second.run([&](int, int) { sum += 10; });
  }
  EXPECT_EQ(sum, 200 * (2 + 30));
}

}  // namespace
}  // namespace gradc::core
