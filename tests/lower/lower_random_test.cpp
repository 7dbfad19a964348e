// Lowered programs of random graphs, against the interpreter. A failure shrinks and prints the
// graph.
#include <gtest/gtest.h>

#include "compare.h"
#include "graphs/generate.h"
#include "ir/print.h"
#include "passes/pipeline.h"

namespace gradc::lower_test {
namespace {

constexpr int kGraphs = 300;

std::optional<std::string> lowers_wrongly(const Graph& declared, std::uint64_t seed) {
  const Graph graph = passes::run(declared, passes::Form::kTraining);
  const std::int64_t largest = std::max<std::int64_t>(graph.batch_dim.size, 0);
  for (const std::int64_t batch : {largest, (largest + 1) / 2})
    if (const auto wrong = difference(graph, batch, seed)) return wrong;
  return std::nullopt;
}

TEST(LowerRandom, ProgramEqualsGraph) {
  for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
    const Graph graph = graphs::generate(seed, {.ops = 6 + static_cast<int>(seed % 20)});
    const auto wrong = lowers_wrongly(graph, seed);
    if (!wrong) continue;
    const Graph small =
        graphs::shrink(graph, [&](const Graph& g) { return lowers_wrongly(g, seed).has_value(); });
    FAIL() << "seed " << seed << ": " << *wrong << "\n" << ir::print(small);
  }
}

}  // namespace
}  // namespace gradc::lower_test
