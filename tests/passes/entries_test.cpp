#include "passes/entries.h"

#include "../../models/nplm.cpp"
#include "../../models/nplm_batchnorm.cpp"
#include "eval/random_bindings.h"
#include "values.h"

namespace gradc::passes {
namespace {

std::vector<std::string> outputs_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Output& output : graph.outputs) names.push_back(output.name.str());
  return names;
}
using Names = std::vector<std::string>;

Graph declare(const auto& model) {
  Graph graph;
  model.declare(graph);
  EXPECT_TRUE(graph.diagnostics.empty());
  return graph;
}

TEST(Entries, WhatEachHolds) {
  const Entries entries = derive_entries(declare(Nplm{}));
  EXPECT_EQ(outputs_of(entries.train), Names{"loss"});
  EXPECT_EQ(entries.train.updates.size(), 6u);
  EXPECT_EQ(outputs_of(entries.evaluate), (Names{"logits", "loss"}));
  EXPECT_TRUE(entries.evaluate.updates.empty());
  EXPECT_EQ(outputs_of(entries.predict), Names{"logits"});
  EXPECT_LT(entries.predict.loss, 0);
  EXPECT_EQ(outputs_of(entries.loss_only), Names{"loss"});
  EXPECT_EQ(outputs_of(entries.gradient),
            (Names{"loss", "gradient/embedding", "gradient/hidden/weight", "gradient/hidden/bias",
                   "gradient/output/weight", "gradient/output/bias"}));
}

TEST(Entries, LeavesAreTheSameInAll) {
  const Graph declared = declare(NplmBatchNorm{});
  const Entries entries = derive_entries(declared);
  for (const Graph* graph : {&entries.train, &entries.evaluate, &entries.predict,
                             &entries.loss_only, &entries.gradient}) {
    ASSERT_EQ(graph->leaves.size(), declared.leaves.size());
    for (std::size_t i = 0; i < declared.leaves.size(); ++i) {
      EXPECT_EQ(graph->leaves[i].name, declared.leaves[i].name);
      EXPECT_EQ((*graph)[graph->leaves[i].node].attributes.ints[0], static_cast<std::int64_t>(i));
    }
  }
}

// Outside training batch normalisation reads its running statistics, and no row sees another.
TEST(Entries, EvaluateIsOutsideTraining) {
  const Entries entries = derive_entries(declare(NplmBatchNorm{}));
  EXPECT_NE(entries.train.updates.size(), 0u);
  EXPECT_EQ(count(entries.predict, op_of<Sum>), 0);
}

TEST(Entries, WithoutUpdatesNoTraining) {
  Graph g;
  const Tensor x = g.input("x", {3}), target = g.input("target", {3});
  g.output("difference", x - target);
  const Entries entries = derive_entries(g);
  EXPECT_TRUE(is_empty(entries.train));
  EXPECT_TRUE(is_empty(entries.predict));
  EXPECT_TRUE(is_empty(entries.loss_only));
  EXPECT_TRUE(is_empty(entries.gradient));
  EXPECT_FALSE(is_empty(entries.evaluate));
}

TEST(Entries, TwinInDouble) {
  const Graph graph = derive_entries(declare(Nplm{})).gradient;
  const Graph twin = with_element(graph, Element::kF64);
  EXPECT_EQ(twin.real, Element::kF64);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    EXPECT_EQ(twin.nodes[i].type.element,
              graph.nodes[i].type.real() ? Element::kF64 : Element::kI32);
  expect_same_values(twin, graph, eval::random_bindings(graph, 1), 0);
}

}  // namespace
}  // namespace gradc::passes
