#include "passes/blocks.h"

#include <algorithm>

#include "eval/random_bindings.h"
#include "ir/verify.h"
#include "passes/entries.h"
#include "passes/lower.h"
#include "values.h"

namespace gradc::passes {
namespace {

TEST(Blocks, AreWholeVectorsOfWhichThereAreSeveral) {
  EXPECT_EQ(block_of(Dim(2047)), 0);
  EXPECT_EQ(block_of(Dim(2048)), 512);
  EXPECT_EQ(block_of(Dim(4096)), 1024);
  EXPECT_EQ(block_of(Dim(100'000)), 4000);
  EXPECT_EQ(block_of(Dim(1 << 20)), 4096);
  EXPECT_EQ(block_of(Dim(4111)), 0) << "a prime";
  EXPECT_EQ(block_of(Dim(4112)), 0) << "sixteen times a prime";
  Dim batch(4096);
  batch.batched = true;
  EXPECT_EQ(block_of(batch), 0);
}

TEST(Blocks, KeepTheSum) {
  Graph g;
  const Tensor x = g.parameter("x", {3072}, normal(1)), y = g.parameter("y", {20, 30}, normal(1));
  g.output("blocks", sum(x * x));
  g.output("rows", sum(y));
  g.output("largest", max(x, {0}));
  const Graph after = sum_in_blocks(g);
  EXPECT_EQ(ir::to_string(ir::verify(after, {.lowered = true})), "");
  expect_same_values(after, g, eval::random_bindings(g, 1), 1e-12);
  EXPECT_EQ(count(after, op_of<Sum>), 3);
  EXPECT_EQ(extents_in_blocks(after), std::set<std::int64_t>{3072});
  EXPECT_TRUE(extents_in_blocks(g).empty());
}

// Values, their sum and the updates that they lead to are one loop, which keeps nothing of them.
TEST(Blocks, ShareTheLoopOfWhatTheySum) {
  Graph g;
  const Tensor a = g.parameter("a", {4096}, normal(1)), b = g.parameter("b", {4096}, normal(1));
  const Tensor e = (a + b) / (a * b + b * b * b);
  g.minimize(sum(e * e), sgd({.learning_rate = 1e-3}));
  const ir::Program program = lower(for_kernels(derive_entries(g).train));
  ASSERT_EQ(program.kernels.size(), 2);
  EXPECT_EQ(program.kernels[0].stages.size(), 1);
  for (const ir::Stage& stage : program.kernels[0].stages) {
    EXPECT_EQ(stage.reductions.size(), 1);
    for (const ir::Store& store : stage.stores)
      EXPECT_GE(program.buffers[store.buffer].leaf, 0) << program.buffers[store.buffer].name;
  }
}

}  // namespace
}  // namespace gradc::passes
