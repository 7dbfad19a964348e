// Dropout in generated code: the right share of elements, others each step, none outside training.
#include <gtest/gtest.h>

#include <algorithm>

#include "dropped.gen.h"
#include "models/runner.h"

namespace gradc::test {
namespace {

using core::Role;

constexpr double kRate = 0.2;
constexpr std::size_t kCount = 10'000;

// What a step takes away from each element: 0 where it was left out, else 1 / (1 - rate).
std::vector<double> mask_of_step(Runner& runner) {
  const core::TensorInfo& p = *runner.find(Role::kParameter, "p");
  const std::vector<double> zeros(kCount, 0);
  runner.write(p, zeros, 1);
  runner.run(runner.model().train, 1);
  std::vector<double> mask = runner.read(p, 1);
  for (double& value : mask) value = -value;
  return mask;
}

TEST(Dropout, LeavesOutTheRightShareInTraining) {
  Runner runner(dropped::kModel);
  for (int step = 0; step < 3; ++step) {
    const std::vector<double> mask = mask_of_step(runner);
    const auto dropped = std::count(mask.begin(), mask.end(), 0.0);
    // Five standard deviations, sqrt(10,000 x 0.2 x 0.8) = 40.
    EXPECT_NEAR(static_cast<double>(dropped), kRate * kCount, 200) << "step " << step;
    for (const double value : mask) {
      if (value != 0) {
        ASSERT_FLOAT_EQ(static_cast<float>(value), 1.25F);
      }
    }
  }
}

// Two independent masks differ in 2 x 0.2 x 0.8 of the elements.
TEST(Dropout, LeavesOutOthersInTheNextStep) {
  Runner runner(dropped::kModel);
  const std::vector<double> first = mask_of_step(runner), second = mask_of_step(runner);
  int different = 0;
  for (std::size_t i = 0; i < kCount; ++i) different += first[i] != second[i];
  EXPECT_NEAR(different, 2 * kRate * (1 - kRate) * kCount, 250);
}

TEST(Dropout, RepeatsWithTheSameSeedAndNotWithAnother) {
  Runner one(dropped::kModel), again(dropped::kModel), other(dropped::kModel);
  const double seed = 7;
  other.write(*other.find(Role::kSetting, "seed"), {&seed, 1}, 1);
  const std::vector<double> mask = mask_of_step(one);
  EXPECT_EQ(mask, mask_of_step(again));
  EXPECT_NE(mask, mask_of_step(other));
}

TEST(Dropout, LeavesOutNothingOutsideTraining) {
  Runner runner(dropped::kModel);
  std::vector<double> values(kCount);
  for (std::size_t i = 0; i < kCount; ++i) values[i] = 1 + static_cast<double>(i % 7);
  runner.write(*runner.find(Role::kParameter, "p"), values, 1);
  for (const core::Entry* entry : {&runner.model().evaluate, &runner.model().predict}) {
    runner.run(*entry, 1);
    EXPECT_EQ(runner.read(*runner.find(Role::kOutput, "y"), 1), values);
  }
}

}  // namespace
}  // namespace gradc::test
