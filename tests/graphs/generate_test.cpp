// Random graphs are worth their name: every op occurs, values stay finite, shrinking shrinks.
#include <eval/random_bindings.h>
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/compact.h>
#include <ir/print.h>

#include <cmath>
#include <set>

namespace gradc::graphs {
namespace {

TEST(Generate, EveryOpOccurs) {
  std::set<Op> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    for (const Node& node : generate(seed).nodes) seen.insert(node.op);
  for (int op = 0; op < Ops::size; ++op)
    EXPECT_TRUE(seen.count(static_cast<Op>(op))) << kOpTable[op].name << " never occurs";
}

TEST(Generate, SameSeedSameGraph) {
  EXPECT_TRUE(ir::identical(generate(7), generate(7)));
  EXPECT_FALSE(ir::identical(generate(7), generate(8)));
}

TEST(Generate, ValuesStayFiniteAndSmall) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph graph = generate(seed, {.gradients = false});
    const eval::Values values = eval::interpret(graph, eval::random_bindings(graph, seed));
    for (const Output& output : graph.outputs)
      for (const double x : values[output.node].elements)
        ASSERT_TRUE(std::isfinite(x) && std::abs(x) < 1e4) << x << "\n" << ir::print(graph);
  }
}

bool has_contraction(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (node.op == op_of<Contract>) return true;
  return false;
}

TEST(Shrink, LeavesWhatMatters) {
  int tried = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Graph graph = generate(seed);
    if (!has_contraction(graph)) continue;
    ++tried;
    const Graph small = shrink(graph, has_contraction);
    EXPECT_TRUE(has_contraction(small));
    // At most two operands, what broadcasts them, the contraction, and one op on top.
    EXPECT_LE(small.nodes.size(), 8u) << ir::print(small);
    for (const Node& node : small.nodes)
      for (const Dim& dim : node.type.shape) EXPECT_LE(dim.size, 2) << ir::print(small);
  }
  EXPECT_GT(tried, 10);
}

}  // namespace
}  // namespace gradc::graphs
