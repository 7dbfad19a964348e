#include "passes/multiply_add.h"

#include "eval/random_bindings.h"
#include "graphs/generate.h"
#include "ir/verify.h"
#include "passes/entries.h"
#include "values.h"

namespace gradc::passes {
namespace {

// `y` says what is put out, of three parameters.
template <class Output>
Graph fused(Output y) {
  Graph g;
  const Tensor a = g.parameter("a", {7}, normal(1)), b = g.parameter("b", {7}, normal(1)),
               c = g.parameter("c", {7}, normal(1));
  g.output("y", y(a, b, c));
  Graph after = fuse_multiply_adds(g);
  EXPECT_EQ(ir::to_string(ir::verify(after, {.lowered = true})), "");
  expect_same_values(after, g, eval::random_bindings(g, 1));
  return after;
}

int fmas(const Graph& graph) { return count(graph, op_of<Fma>); }
int products(const Graph& graph) { return count(graph, op_of<Mul>); }
int negations(const Graph& graph) { return count(graph, op_of<Neg>); }

TEST(MultiplyAdd, TakesProductsOfSumsAndDifferences) {
  for (const Graph& graph : {fused([](auto a, auto b, auto c) { return a * b + c; }),
                             fused([](auto a, auto b, auto c) { return c + a * b; }),
                             fused([](auto a, auto b, auto c) { return c - a * b; }),
                             fused([](auto a, auto b, auto c) { return a * b - c; })}) {
    EXPECT_EQ(fmas(graph), 1) << ir::print(graph);
    EXPECT_EQ(products(graph), 0) << ir::print(graph);
    EXPECT_EQ(count(graph, op_of<Add>) + count(graph, op_of<Sub>), 0) << ir::print(graph);
  }
}

TEST(MultiplyAdd, WhatTakesTheSign) {
  const Graph number = fused([](auto a, auto, auto c) { return c - a * 2; });
  EXPECT_EQ(negations(number), 0) << ir::print(number);
  const Graph minus_number = fused([](auto a, auto b, auto) { return a * b - 2; });
  EXPECT_EQ(negations(minus_number), 0) << ir::print(minus_number);
  const Graph negative = fused([](auto a, auto b, auto c) { return c - a * -b; });
  EXPECT_EQ(negations(negative), 0) << ir::print(negative);
  // What is known last, for the instruction has a sign for it.
  const Graph late = fused([](auto a, auto b, auto c) { return c - a * tanh(b); });
  ASSERT_EQ(negations(late), 1) << ir::print(late);
  for (const Node& node : late.nodes) {
    if (node.op == op_of<Neg>) {
      EXPECT_EQ(late[node.operands[0]].op, op_of<Tanh>) << ir::print(late);
    }
  }
}

TEST(MultiplyAdd, LeavesProductsThatOthersNeed) {
  EXPECT_EQ(fmas(fused([](auto a, auto b, auto c) {
              const Tensor p = a * b;
              return tanh(p) + (p + c);
            })),
            0);
  Graph g;
  const Tensor a = g.parameter("a", {7}, normal(1));
  const Tensor p = a * a, q = a * 0.5;
  g.output("p", p);
  g.update(a, q);
  g.output("y", (p + a) + tanh(q + a));
  EXPECT_EQ(fmas(fuse_multiply_adds(g)), 0);
}

TEST(MultiplyAdd, GoesIntoEachSum) {
  const Graph graph = fused([](auto a, auto b, auto c) {
    const Tensor p = a * b;
    return tanh(p + c) * tanh(c - p);
  });
  EXPECT_EQ(fmas(graph), 2) << ir::print(graph);
  EXPECT_EQ(products(graph), 1) << ir::print(graph);
}

TEST(MultiplyAdd, LeavesNoProductOfSeveralAlone) {
  for (const Graph& graph : {fused([](auto a, auto b, auto c) { return (a * b + b * c) + c; }),
                             fused([](auto a, auto b, auto c) { return (a * b + b * c) - c; }),
                             fused([](auto a, auto b, auto c) { return (a * b - b * c) + c; }),
                             fused([](auto a, auto b, auto c) { return (a * b - b * c) - c; }),
                             fused([](auto a, auto b, auto c) { return c + (a * b + b * c); }),
                             fused([](auto a, auto b, auto c) { return c + (a * b - b * c); }),
                             fused([](auto a, auto b, auto c) { return c - (a * b + b * c); }),
                             fused([](auto a, auto b, auto c) { return c - (a * b - b * c); })}) {
    EXPECT_EQ(fmas(graph), 2) << ir::print(graph);
    EXPECT_EQ(products(graph), 0) << ir::print(graph);
  }
}

TEST(MultiplyAdd, OfTwoTheOneThatIsKnownLater) {
  for (const Graph& graph : {fused([](auto a, auto b, auto c) { return a * b + tanh(c) * a; }),
                             fused([](auto a, auto b, auto c) { return tanh(c) * a + a * b; })})
    for (const Node& node : graph.nodes) {
      if (node.op == op_of<Fma>) {
        EXPECT_EQ(graph[node.operands[0]].op, op_of<Tanh>) << ir::print(graph);
      }
    }
}

TEST(MultiplyAdd, RandomGraphsKeepTheirValues) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph before = derive_entries(graphs::generate(seed, {.ops = 12})).train;
    const Graph after = fuse_multiply_adds(before);
    ASSERT_EQ(ir::to_string(ir::verify(after, {.lowered = true})), "");
    expect_same_values(after, before, eval::random_bindings(before, seed, before.batch_dim.size));
    if (HasFatalFailure()) FAIL() << "seed " << seed;
    found += fmas(after);
  }
  EXPECT_GT(found, 200);
}

}  // namespace
}  // namespace gradc::passes
