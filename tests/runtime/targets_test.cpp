#include <gradc/core/targets.h>
#include <gtest/gtest.h>

#include <string>

namespace gradc::core {
namespace {

constexpr KernelFunction kNone[] = {nullptr};
constexpr TargetKernels kTwo[] = {{"x86-64-v4", kNone}, {"x86-64-v3", kNone}};
constexpr TargetKernels kThree[] = {{"x86-64-v4", kNone}, {"x86-64-v3", kNone}, {"generic", kNone}};

// Machines.
bool widest(std::string_view) { return true; }
bool without_avx512(std::string_view target) { return target != "x86-64-v4"; }
bool oldest(std::string_view target) { return target == "generic"; }

TEST(PickTarget, TheBestThatRuns) {
  EXPECT_STREQ(pick_target(kThree, nullptr, widest).target, "x86-64-v4");
  EXPECT_STREQ(pick_target(kThree, nullptr, without_avx512).target, "x86-64-v3");
  EXPECT_STREQ(pick_target(kThree, nullptr, oldest).target, "generic");
  EXPECT_STREQ(pick_target(kThree, "", without_avx512).target, "x86-64-v3");
}

TEST(PickTarget, TheOneThatIsWanted) {
  for (const TargetKernels& each : kThree)
    EXPECT_EQ(&pick_target(kThree, each.target, widest), &each) << each.target;
}

template <class Error>
std::string refusal(std::span<const TargetKernels> targets, const char* wanted,
                    bool (*runs)(std::string_view)) {
  try {
    return pick_target(targets, wanted, runs).target;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PickTarget, RefusesWhatIsWantedInVain) {
  EXPECT_EQ(refusal<std::invalid_argument>(kTwo, "avx2", widest),
            "GRADC_TARGET: expected one of x86-64-v4, x86-64-v3, found \"avx2\"");
  EXPECT_EQ(refusal<std::invalid_argument>(kTwo, "generic", widest),
            "GRADC_TARGET: expected one of x86-64-v4, x86-64-v3, found \"generic\"");
  EXPECT_EQ(refusal<std::invalid_argument>(kTwo, "x86-64-v4", without_avx512),
            "GRADC_TARGET: this machine does not run x86-64-v4");
}

TEST(PickTarget, RefusesAMachineThatRunsNone) {
  EXPECT_EQ(refusal<std::runtime_error>(kTwo, nullptr, oldest),
            "this machine runs none of the targets that the program is compiled for: x86-64-v4, "
            "x86-64-v3");
}

TEST(PickTarget, EveryMachineRunsGeneric) {
  EXPECT_TRUE(runs_here("generic"));
  EXPECT_FALSE(runs_here("x86-64-v5"));
}

}  // namespace
}  // namespace gradc::core
