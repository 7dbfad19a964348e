// The figures that decisions ask for: they follow from what an op writes, and weigh the right way.
#include "ir/cost_model.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ir/visit.h"

namespace gradc::ir {
namespace {

template <class... Blocks>
std::vector<std::string> names_where(bool (*holds)(Op), OpList<Blocks...>) {
  std::vector<std::string> names;
  const auto add = [&](Op op, const char* name) {
    if (holds(op)) names.emplace_back(name);
  };
  (add(op_of<Blocks>, Blocks::name), ...);
  return names;
}

using Names = std::vector<std::string>;

TEST(CostModel, KnowsAnOpByWhatItWrites) {
  EXPECT_EQ(names_where(is_transcendental, Ops{}),
            (Names{"random", "exp", "log", "tanh", "sigmoid", "erf", "sin", "cos"}));
  EXPECT_EQ(names_where(is_expensive, Ops{}),
            (Names{"random", "sqrt", "exp", "log", "tanh", "sigmoid", "erf", "sin", "cos", "div"}));
}

TEST(CostModel, AFunctionTakesLongerThanADivision) {
  EXPECT_GT(call_cycles(op_of<Exp>), call_cycles(op_of<Div>));
  EXPECT_EQ(call_cycles(op_of<Exp>), call_cycles(op_of<Random>));
  EXPECT_GT(call_cycles(op_of<Sqrt>), 0);
  EXPECT_EQ(call_cycles(op_of<Add>), 0);
}

TEST(CostModel, StoresWhatManyWouldReadTwiceOnTop) {
  EXPECT_FALSE(is_worth_storing(1, 1000, 10));
  EXPECT_FALSE(is_worth_storing(2, 30, 10));
  EXPECT_TRUE(is_worth_storing(2, 31, 10));
  EXPECT_TRUE(is_worth_storing(3, 21, 10));
}

TEST(CostModel, LargerTilesTakeFewerCyclesForAProduct) {
  const auto a_product = [](int rows, int vectors) {
    return step_cycles(rows, vectors) / (rows * vectors);
  };
  EXPECT_LT(a_product(12, 2), a_product(8, 1));
  EXPECT_LT(a_product(8, 1), a_product(4, 1));
  EXPECT_EQ(step_cycles(1, 1), step_cycles(2, 2)) << "both wait for their own sums";
  EXPECT_LT(tile_cycles(1, 1), tile_cycles(12, 2));
}

// All accumulators of a tile, the vectors of a step and a broadcast.
TEST(CostModel, TilesFitTheRegisters) {
  for (const int registers : {32, 8, 4}) {
    const std::vector<int> most = most_rows(registers);
    for (std::size_t i = 0; i < most.size(); ++i) {
      const int vectors = static_cast<int>(i) + 1;
      EXPECT_LE(most[i] * vectors + vectors + 1, registers) << vectors << " vectors";
    }
  }
}

TEST(CostModel, OnlyWhatTheCacheDoesNotHoldIsReadAgain) {
  EXPECT_EQ(reading_cost(1 << 20, 5, true), 1 << 20);
  EXPECT_EQ(reading_cost(1 << 22, 5, false), 5 << 22);
  EXPECT_GT(reading_cost(1 << 22, 5, true), reading_cost(1 << 22, 5, false));
  EXPECT_TRUE(waits_for_memory(8, 1 << 18));
  EXPECT_FALSE(waits_for_memory(9, 1 << 18));
  EXPECT_FALSE(waits_for_memory(8, (1 << 18) - 1));
}

TEST(CostModel, AStridedAccessOutweighsAContiguousOne) {
  EXPECT_LT(access_worth(true, 1) + access_worth(false, 1), 0);
  EXPECT_GT(access_worth(true, 2) + access_worth(false, 1), 0);
  EXPECT_EQ(access_worth(true, 16), access_worth(true, 1000));
}

TEST(CostModel, AMemoryIsAsFastAsTheCacheThatHoldsIt) {
  EXPECT_EQ(bytes_a_cycle(32 << 10), 64);
  EXPECT_EQ(bytes_a_cycle(1 << 20), 32);
  EXPECT_EQ(bytes_a_cycle((1 << 20) + 1), 16);
  EXPECT_EQ(bytes_a_cycle(32 << 20), 16);
  EXPECT_EQ(bytes_a_cycle((32 << 20) + 1), 5);
}

}  // namespace
}  // namespace gradc::ir
