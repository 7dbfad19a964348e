// Temporaries that lie in the order in which they are read: several axes share a row, and what is
// stored along one of them must leave the others alone.
#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include "graphs/emitted.h"

namespace gradc::graphs {
namespace {

struct Form {
  std::string name;
  std::int64_t width;  // of a head
  bool alone = false;  // only one head counts: what it is sliced from is zero elsewhere
  bool f64 = false;
};

constexpr std::int64_t kHeads = 3, kTime = 7;

Graph declare(const Form& form) {
  Graph g;
  g.name = form.name;
  if (form.f64) g.use_f64();
  const Dim batch = g.batch(3);
  const Tensor x = g.input("x", {batch, kTime, 9});
  const Tensor y = g.input("y", {batch, kTime, form.width});
  const Tensor w = g.parameter("w", {9, kHeads * form.width}, normal(1));
  const Tensor heads =
      transpose(reshape(matmul(x, w), {batch, kTime, kHeads, form.width}), {0, 2, 1, 3});
  const Tensor first = reshape(slice(heads, 1, 0, 1), {batch, kTime, form.width});
  const Tensor apart = tanh(first) - y;
  g.output("apart", apart);
  if (form.alone) {
    g.minimize(sum(apart * apart), sgd());
    return g;
  }
  const Tensor v = g.parameter("v", {kHeads * form.width, 6}, normal(1));
  const Tensor merged = reshape(transpose(nn::softmax(0.1 * heads), {0, 2, 1, 3}),
                                {batch, kTime, kHeads * form.width});
  const Tensor middle = reshape(slice(heads, 1, 1, 1), {batch, kTime, form.width});
  g.minimize(sum(apart * apart) + mean(tanh(0.1 * middle) * y) + mean(tanh(matmul(merged, v))),
             sgd());
  return g;
}

const Form kForms[] = {
    {"heads_of_4", 4},
    {"heads_of_5", 5},
    {"heads_of_16", 16},
    {"heads_of_20", 20},
    {"heads_of_192", 192},
    {"one_head_of_5", 5, true},
    {"one_head_of_20", 20, true},
    {"wide_heads_of_3", 3, false, true},
    {"wide_heads_of_8", 8, false, true},
    {"wide_heads_of_13", 13, false, true},
    {"wide_heads_of_96", 96, false, true},
    {"one_wide_head_of_3", 3, true, true},
    {"one_wide_head_of_13", 13, true, true},
};

TEST(MemoryOrder, EqualsTheInterpreter) {
  std::vector<Graph> graphs;
  for (const Form& form : kForms) graphs.push_back(declare(form));
  expect_equal(graphs);
}

// Some temporary of four axes has the time outside the heads, and rows of all heads.
TEST(MemoryOrder, HeadsShareARow) {
  const ir::Program program = passes::build_module(declare({"heads", 5})).train;
  bool found = false;
  for (const ir::Buffer& buffer : program.buffers)
    found =
        found || (buffer.storage == ir::Buffer::Storage::kTemporary && buffer.shape.size() == 4 &&
                  buffer.strides[3] == 1 && buffer.strides[1] == 5 && buffer.strides[2] == 16);
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace gradc::graphs
