// Attention in all its forms, through the whole compiler: against the interpreter, which knows
// nothing of streams, and in memory that grows with the length of the sequence and not with its
// square.
#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include "graphs/emitted.h"

namespace gradc::graphs {
namespace {

struct Form {
  std::string name;
  std::int64_t queries = 24, keys = 24, heads = 2, groups = 2;
  bool causal = true;
  bool positions = false;
  double dropout = 0;
  bool f64 = false;
};

Graph declare(const Form& form) {
  Graph g;
  g.name = form.name;
  if (form.f64) g.use_f64();
  const Dim batch = g.batch(3), time(form.queries), keys(form.keys);
  const Tensor x = g.input("x", {batch, time, 12});
  const Tensor memory = form.queries == form.keys ? x : g.input("memory", {batch, keys, 12});
  nn::Visibility visibility{.causal = form.causal};
  if (form.positions) visibility.position = g.tokens("position", {batch, time}, 4);
  const Tensor y = nn::attention(g / "attention", x, memory,
                                 {.heads = form.heads,
                                  .groups = form.groups,
                                  .visibility = visibility,
                                  .dropout = form.dropout,
                                  .projection = {.bias = false, .weight = normal(0.3)}});
  g.minimize(mean(y * y), sgd());
  g.output("y", y);
  return g;
}

const Form kForms[] = {
    {.name = "causal"},
    {.name = "plain", .causal = false},
    {.name = "several_tiles", .queries = 96, .keys = 96, .heads = 1, .groups = 1},
    {.name = "several_tiles_f64", .queries = 96, .keys = 96, .f64 = true},
    {.name = "odd_length", .queries = 23, .keys = 23},
    {.name = "odd_tiles", .queries = 75, .keys = 75, .heads = 1, .groups = 1},
    {.name = "a_shorter_tile", .queries = 37, .keys = 37},
    {.name = "a_shorter_tile_f64", .queries = 67, .keys = 67, .f64 = true},
    {.name = "a_shorter_tile_plain", .queries = 53, .keys = 53, .causal = false},
    {.name = "a_shorter_tile_cross", .queries = 33, .keys = 20, .causal = false},
    {.name = "cross", .queries = 32, .keys = 20, .causal = false},
    {.name = "grouped", .queries = 64, .keys = 64, .heads = 4, .groups = 2},
    {.name = "packed", .queries = 61, .keys = 61, .positions = true},
    {.name = "dropped", .queries = 59, .keys = 59, .dropout = 0.25},
};

const Form kOfFewKeys[] = {
    {.name = "few", .queries = 16, .keys = 16},
    {.name = "fewer", .queries = 11, .keys = 11},
    {.name = "few_dropped", .queries = 16, .keys = 16, .dropout = 0.25},
    {.name = "few_cross", .queries = 40, .keys = 9, .causal = false},
    {.name = "few_f64", .queries = 8, .keys = 8, .f64 = true},
};

TEST(Attention, EqualsTheInterpreter) {
  std::vector<Graph> graphs;
  for (const Form& form : kForms) graphs.push_back(declare(form));
  for (const Form& form : kOfFewKeys) graphs.push_back(declare(form));
  expect_equal(graphs);
}

TEST(Attention, RunsInStreams) {
  for (const Form& form : kForms) {
    const ir::Module module = passes::build_module(declare(form));
    EXPECT_EQ(module.train.streams.size(), 2) << form.name;  // forward and backward
    for (const ir::Stream& stream : module.train.streams)
      EXPECT_EQ(stream.causal, form.causal) << form.name;
  }
}

// A mask that is added to scores, as models from elsewhere have it.
TEST(Attention, IsCausalByWhatIsAdded) {
  Graph g;
  g.name = "added_mask";
  const Dim batch = g.batch(3);
  const Tensor x = g.input("x", {batch, 24, 12}), w = g.parameter("w", {12, 12}, normal(0.3));
  const Tensor q = matmul(x, w);
  ContractAxes over_width, over_keys;
  over_width.left_batch = over_width.right_batch = {0};
  over_width.left_over = over_width.right_over = {2};
  over_keys.left_batch = over_keys.right_batch = {0};
  over_keys.left_over = {2}, over_keys.right_over = {1};
  const Tensor sees = less_equal(cast(g.iota({24, 24}, 1)), cast(g.iota({24, 24}, 0)));
  const Tensor mask = where(sees, 0, -std::numeric_limits<double>::infinity());
  const Tensor score = contract(q, x, over_width) * 0.3 + mask;
  g.output("y", contract(nn::softmax(score), x, over_keys));
  const ir::Module module = passes::build_module(g);
  ASSERT_EQ(module.evaluate.streams.size(), 1);
  EXPECT_TRUE(module.evaluate.streams.front().causal);
  expect_equal({g});
}

TEST(Attention, KeepsTheScoresOfFewKeys) {
  for (const Form& form : kOfFewKeys)
    EXPECT_TRUE(passes::build_module(declare(form)).train.streams.empty()) << form.name;
  // One more than a vector holds, or so many queries that the caches do not hold them.
  for (const Form& form : {Form{.name = "more", .queries = 17, .keys = 17},
                           Form{.name = "more_f64", .queries = 9, .keys = 9, .f64 = true},
                           Form{.name = "many", .queries = 4096, .keys = 16, .causal = false}})
    EXPECT_EQ(passes::build_module(declare(form)).train.streams.size(), 2) << form.name;
}

// A tile has fewer rows where keys are many, and does not leave the stack of a thread.
TEST(Attention, LeavesTheStackAlone) {
  const auto tile_of = [](std::int64_t keys) -> std::int64_t {
    const ir::Module module = passes::build_module(
        declare({.name = "many", .queries = 8, .keys = keys, .causal = false}));
    return module.train.streams.empty() ? 0 : module.train.streams.front().tile;
  };
  EXPECT_EQ(tile_of(1'000), 8);
  EXPECT_EQ(tile_of(5'000), 4);
  EXPECT_EQ(tile_of(10'000), 2);
  EXPECT_EQ(tile_of(400'000), 0);
}

// The model and its reference need the same helpers of generated code.
TEST(Attention, InF64CompilesWithItsReference) {
  const std::vector<ir::Module> modules = {
      passes::build_module(declare({.name = "f64", .f64 = true}))};
  const Compiled compiled(modules, "g++", {"-O0"});
  ASSERT_NE(compiled.model(0), nullptr);
  EXPECT_NE(compiled.model(0)->reference, nullptr);
}

// Twice the length takes twice the memory beyond what does not depend on it.
TEST(Attention, MemoryGrowsWithTheLength) {
  const auto bytes = [](std::int64_t length) {
    const ir::Module module = passes::build_module(
        declare({.name = "long", .queries = length, .keys = length, .heads = 1, .groups = 1}));
    return static_cast<double>(module.arena_bytes);
  };
  // All so long that rows along them are padded alike.
  const double a = bytes(2048), b = bytes(4096), c = bytes(8192);
  EXPECT_NEAR((c - b) / (b - a), 2, 0.01);
}

}  // namespace
}  // namespace gradc::graphs
