// Tensors side by side: one kernel stores each part where it belongs, whatever the parts are.
#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include "graphs/emitted.h"

namespace gradc::graphs {
namespace {

struct Form {
  std::string name;
  int axis = 2;
  std::int64_t first = 3, second = 5, third = 9;
  bool cut = true;  // the parts meet again in slices, whose gradient is a join as well
  bool f64 = true;
};

// Parts that are computed, read through a view, and read from memory.
Graph declare(const Form& form) {
  Graph g;
  g.name = form.name;
  if (form.f64) g.use_f64();
  const auto extents = [&](std::int64_t along) {
    Shape shape{g.batch_dim, Dim(4), Dim(6)};
    shape[form.axis] = Dim(along);
    return shape;
  };
  g.batch(3);
  Shape turned = extents(form.second);
  turned[1] = extents(form.second)[2];
  turned[2] = extents(form.second)[1];
  const Tensor a = tanh(g.input("a", extents(form.first)));
  const Tensor b = transpose(g.input("b", turned), {0, 2, 1});
  const Tensor c = g.input("c", extents(form.third));
  const Tensor w = g.parameter("w", {4, 6}, normal(1));
  const Tensor joined = concat(concat(a, b, form.axis), c, form.axis);
  if (!form.cut) {
    g.output("joined", joined);
    return g;
  }
  const Tensor one = slice(joined, form.axis, 0, 4), two = slice(joined, form.axis, 4, 6);
  const Tensor three = slice(joined, form.axis, 10, 7);
  const Tensor mixed = form.axis == 2 ? matmul(one, w) : one;
  g.output("mixed", mixed);
  g.minimize(mean(tanh(one) * sum(one)) + mean(two * two) + mean(exp(0.1 * three)) +
                 mean(mixed) * sum(w * w),
             sgd());
  return g;
}

const Form kForms[] = {
    {.name = "along_the_last_axis"},
    {.name = "along_a_middle_axis", .axis = 1},
    {.name = "whole_vectors", .first = 16, .second = 32, .third = 16, .cut = false, .f64 = false},
    {.name = "odd_in_f32", .first = 17, .second = 1, .third = 20, .cut = false, .f64 = false},
};

TEST(Joins, EqualTheInterpreter) {
  std::vector<Graph> graphs;
  for (const Form& form : kForms) graphs.push_back(declare(form));
  expect_equal(graphs);
}

// No zeros are written, and each place once.
TEST(Joins, AreStoredPartByPart) {
  for (const Form& form : kForms) {
    if (form.cut) continue;
    const ir::Program program = passes::build_module(declare(form)).evaluate;
    ASSERT_EQ(program.kernels.size(), 1) << form.name;
    std::size_t stores = 0;
    for (const ir::Stage& stage : program.kernels[0].stages) stores += stage.stores.size();
    EXPECT_EQ(stores, 3) << form.name;
    EXPECT_FALSE(program.kernels[0].rows.empty()) << form.name;
  }
}

}  // namespace
}  // namespace gradc::graphs
