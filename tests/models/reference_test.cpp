// The comparison itself: it must notice what it is there to notice.
#include "models/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace gradc::test {
namespace {

std::array<double, 60> some_values() {
  std::array<double, 60> values;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(1 + 0.7 * static_cast<double>(i));
  return values;
}

TEST(Agrees, WithTheSameValues) {
  const auto values = some_values();
  EXPECT_TRUE(agrees(values, summarise(values), 1e-12));
  EXPECT_TRUE(agrees(2.5, 2.5, 1e-12));
}

TEST(Agrees, NotWithOneElementWrong) {
  const auto values = some_values();
  const Summary expected = summarise(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto wrong = values;
    wrong[i] += 1e-2;
    EXPECT_FALSE(agrees(wrong, expected, 1e-4)) << i;
  }
}

TEST(Agrees, NotWithElementsExchanged) {
  auto wrong = some_values();
  const Summary expected = summarise(wrong);
  std::swap(wrong[3], wrong[4]);
  EXPECT_FALSE(agrees(wrong, expected, 1e-4));
}

TEST(Agrees, NotWithTheSignTurned) {
  auto wrong = some_values();
  const Summary expected = summarise(wrong);
  for (double& value : wrong) value = -value;
  EXPECT_FALSE(agrees(wrong, expected, 1e-4));
}

TEST(Agrees, NotWithNan) {
  auto wrong = some_values();
  const Summary expected = summarise(wrong);
  wrong[7] = std::nan("");
  EXPECT_FALSE(agrees(wrong, expected, 1e-4));
  EXPECT_FALSE(agrees(std::nan(""), 1, 1e-4));
  EXPECT_FALSE(agrees(1, std::nan(""), 1e-4));
}

TEST(Reference, IsReadAsItWasWritten) {
  const Reference nplm = load_reference(std::filesystem::path(GRADC_REFERENCE_DIR) / "nplm.json");
  EXPECT_EQ(nplm.steps, 60);
  EXPECT_EQ(nplm.losses.size(), 60u);
  ASSERT_EQ(nplm.tensors.size(), 5u);
  EXPECT_EQ(nplm.tensors[1].name, "hidden/weight");
  EXPECT_EQ(nplm.tensors[1].initial.size(), 6000u);
  EXPECT_EQ(nplm.tensors[0].initial[0], static_cast<float>(std::sin(1.0)));
  EXPECT_EQ(nplm.batches.at(1).inputs.at("target").size(), 17u);
}

}  // namespace
}  // namespace gradc::test
