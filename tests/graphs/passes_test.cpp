// Passes keep what random graphs compute, and do nothing when run again.
#include <eval/compare.h>
#include <eval/random_bindings.h>
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/print.h>
#include <ir/verify.h>
#include <passes/differentiate.h>
#include <passes/pipeline.h>
#include <passes/simplify.h>
#include <passes/specialise.h>

namespace gradc {
namespace {

// What differs between a graph and the same graph simplified; empty: nothing.
std::string simplified_difference(const Graph& declared, std::uint64_t seed) {
  const Graph graph = passes::specialise(passes::differentiate(declared), true);
  const Graph simple = passes::simplify(graph);
  for (const std::int64_t batch : {graph.batch_dim.size, std::int64_t{1}}) {
    std::string text = eval::difference(graph, simple, eval::random_bindings(graph, seed, batch),
                                        eval::Sameness::kClose);
    if (!text.empty()) return text + ir::print(graph) + ir::print(simple);
  }
  return "";
}

TEST(Passes, SimplifyKeepsValues) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Graph graph = graphs::generate(seed, {.f64 = seed % 3 == 0});
    if (simplified_difference(graph, seed).empty()) continue;
    const Graph small = graphs::shrink(
        graph, [&](const Graph& g) { return !simplified_difference(g, seed).empty(); });
    ADD_FAILURE() << "seed " << seed << ", shrunk to\n"
                  << ir::print(small) << simplified_difference(small, seed);
    return;
  }
}

TEST(Passes, SimplifyingTwiceChangesNothing) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Graph once =
        passes::simplify(passes::specialise(passes::differentiate(graphs::generate(seed)), true));
    ASSERT_EQ(ir::print(passes::simplify(once)), ir::print(once)) << "seed " << seed;
  }
}

TEST(Passes, SpecialiseTakesOneSide) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Graph graph = passes::differentiate(graphs::generate(seed));
    for (const bool training : {true, false}) {
      const Graph one = passes::specialise(graph, training);
      EXPECT_EQ(ir::to_string(ir::verify(one, {.lowered = true})), "");
      eval::Bindings bindings = eval::random_bindings(graph, seed);
      bindings.training = training;
      EXPECT_EQ(eval::difference(graph, one, bindings, eval::Sameness::kBitwise), "");
    }
  }
}

}  // namespace
}  // namespace gradc
