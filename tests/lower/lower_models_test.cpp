// The lowered programs of every model, against the interpreter.
#include <gtest/gtest.h>

#include "../../models/bigram.cpp"
#include "../../models/bigram_counts.cpp"
#include "../../models/microgpt.cpp"
#include "../../models/micrograd.cpp"
#include "../../models/moons.cpp"
#include "../../models/nplm.cpp"
#include "../../models/nplm_batchnorm.cpp"
#include "compare.h"
#include "passes/entries.h"

namespace gradc::lower_test {
namespace {

template <class Model>
void expect_entries_equal(const Model& model, std::initializer_list<std::int64_t> batches) {
  Graph declared;
  model.declare(declared);
  ASSERT_TRUE(declared.diagnostics.empty());
  const passes::Entries entries = passes::derive_entries(declared);
  for (const std::int64_t batch : batches)
    for (const Graph* graph : {&entries.train, &entries.evaluate, &entries.predict,
                               &entries.loss_only, &entries.gradient})
      EXPECT_EQ(difference(*graph, batch, 1 + static_cast<std::uint64_t>(batch)), std::nullopt);
}

// Updates that read each other's old values: scalars at one place, rows, and sums over a row.
struct Exchange {
  int rank = 0;

  constexpr void declare(Graph& g) const {
    Shape shape;
    for (int axis = 0; axis < rank; ++axis) shape.push_back(Dim(5 + axis));
    const Tensor a = g.state("a", shape, constant(3)), b = g.state("b", shape, constant(2));
    const Tensor c = g.state("c", shape, constant(1));
    g.update(a, a - 0.5 * b * c);
    g.update(b, b + a * a);
    g.update(c, rank < 2 ? a + b : softmax_of(a) * b);
  }
  static constexpr Tensor softmax_of(Tensor x) { return nn::softmax(x); }
};

TEST(LowerModels, UpdatesReadOldValues) {
  for (const int rank : {0, 1, 2}) expect_entries_equal(Exchange{rank}, {0});
}
TEST(LowerModels, Nplm) { expect_entries_equal(Nplm{}, {1, 5, 32}); }
TEST(LowerModels, NplmBatchNorm) { expect_entries_equal(NplmBatchNorm{}, {2, 5, 32}); }
// Adam, whose powers of beta are scalars that a step reads and updates in one kernel.
TEST(LowerModels, MicroGpt) { expect_entries_equal(MicroGpt{}, {1, 8}); }
TEST(LowerModels, Bigram) { expect_entries_equal(Bigram{}, {3, 40}); }
TEST(LowerModels, BigramCounts) { expect_entries_equal(BigramCounts{}, {3, 40}); }
TEST(LowerModels, Moons) { expect_entries_equal(Moons{}, {1, 7, 100}); }
TEST(LowerModels, Scalars) {
  expect_entries_equal(Micrograd{}, {0});
  expect_entries_equal(Tiny{}, {0});
  expect_entries_equal(Neuron{}, {0});
}

}  // namespace
}  // namespace gradc::lower_test
