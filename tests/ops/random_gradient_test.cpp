// Gradients of random graphs against finite differences.
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/print.h>
#include <ops/finite_differences.h>

namespace gradc::ops {
namespace {

std::string check(const Graph& graph, std::uint64_t seed) {
  Graph copy = graph;
  if (copy.loss < 0) return "";
  return check_gradients(copy, Tensor{&copy, copy.loss}, copy.parameters(),
                         {.seed = seed, .limit = 4, .tolerance = 1e-5});
}

TEST(Gradients, RandomGraphs) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph graph =
        graphs::generate(seed, {.ops = 10, .differentiable = true, .gradients = false});
    const std::string difference = check(graph, seed);
    if (difference.empty()) continue;
    const Graph small =
        graphs::shrink(graph, [&](const Graph& g) { return !check(g, seed).empty(); });
    FAIL() << "seed " << seed << ", shrunk to\n" << ir::print(small) << check(small, seed);
  }
}

}  // namespace
}  // namespace gradc::ops
