// The lowered programs of every model, against the interpreter on the graphs they come from.
#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "eval/run_program.h"
#include "passes/entries.h"
#include "passes/lower.h"
#include "passes/thin.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../../models/bigram.cpp"
#include "../../models/bigram_counts.cpp"
#include "../../models/micrograd.cpp"
#include "../../models/moons.cpp"
#include "../../models/nplm.cpp"
#include "../../models/nplm_batchnorm.cpp"

namespace gradc {
namespace {

int find_buffer(const ir::Program& program, ir::Buffer::Storage storage, std::string_view name) {
  for (std::size_t b = 0; b < program.buffers.size(); ++b)
    if (program.buffers[b].storage == storage && program.buffers[b].name == name)
      return static_cast<int>(b);
  return -1;
}

void expect_close(const eval::Array& found, const eval::Array& wanted, const std::string& what) {
  ASSERT_EQ(found.extents, wanted.extents) << what;
  double scale = 0;
  for (double x : wanted.elements) scale = std::max(scale, std::isfinite(x) ? std::fabs(x) : 0.0);
  for (std::size_t i = 0; i < found.elements.size(); ++i) {
    if (found.elements[i] == wanted.elements[i]) continue;
    ASSERT_LE(std::fabs(found.elements[i] - wanted.elements[i]), 1e-12 * (scale + 1e-30))
        << what << "[" << i << "]: " << found.elements[i] << " for " << wanted.elements[i];
  }
}

void expect_program_equals_graph(const Graph& graph, std::int64_t batch, std::uint64_t seed) {
  if (passes::is_empty(graph)) return;
  const ir::Program program = passes::lower(passes::expand_thin_contractions(graph));
  const eval::Bindings bindings = eval::random_bindings(graph, seed, batch);
  const eval::Values values = eval::interpret(graph, bindings);
  eval::Memory memory = eval::make_memory(program, graph, bindings);
  eval::run_program(program, bindings, memory);
  for (const Output& output : graph.outputs) {
    const int buffer = find_buffer(program, ir::Buffer::Storage::kOutput, output.name);
    ASSERT_GE(buffer, 0) << output.name.str();
    expect_close(eval::read_buffer(program, memory, buffer, batch), values[output.node],
                 output.name.str());
  }
  for (const Update& update : graph.updates) {
    const int leaf = static_cast<int>(graph[update.leaf].attributes.ints[0]);
    expect_close(eval::read_buffer(program, memory, leaf, batch), values[update.node],
                 graph.leaves[leaf].name.str());
  }
}

template <class Model>
void expect_entries_equal(const Model& model, std::initializer_list<std::int64_t> batches) {
  Graph declared;
  model.declare(declared);
  ASSERT_TRUE(declared.diagnostics.empty());
  const passes::Entries entries = passes::derive_entries(declared);
  for (const std::int64_t batch : batches)
    for (const Graph* graph : {&entries.train, &entries.evaluate, &entries.predict,
                               &entries.loss_only, &entries.gradient})
      expect_program_equals_graph(*graph, batch, 1 + static_cast<std::uint64_t>(batch));
}

TEST(LowerModels, Nplm) { expect_entries_equal(Nplm{}, {1, 5, 32}); }
TEST(LowerModels, NplmBatchNorm) { expect_entries_equal(NplmBatchNorm{}, {2, 5, 32}); }
TEST(LowerModels, Bigram) { expect_entries_equal(Bigram{}, {3, 40}); }
TEST(LowerModels, BigramCounts) { expect_entries_equal(BigramCounts{}, {3, 40}); }
TEST(LowerModels, Scalars) {
  expect_entries_equal(Micrograd{}, {0});
  expect_entries_equal(Tiny{}, {0});
  expect_entries_equal(Neuron{}, {0});
}
TEST(LowerModels, Moons) { expect_entries_equal(Moons{}, {1, 7, 100}); }

}  // namespace
}  // namespace gradc
