#include "passes/pipeline.h"

#include <gradc/dsl.h>

#include <set>

#include "passes/entries.h"
#include "passes/lower.h"
#include "values.h"

namespace gradc::passes {
namespace {

TEST(Pipeline, PassesAreFoundByName) {
  std::set<std::string> names;
  for (const Pass& pass : all_passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    EXPECT_EQ(find_pass(pass.name), &pass);
  }
  EXPECT_EQ(find_pass("nothing"), nullptr);
}

TEST(Pipeline, RunsInOrderForOneForm) {
  Graph g;
  const Tensor x = g.parameter("x", {}, zeros());
  g.output("y", training(x, 2));
  std::vector<std::string> ran;
  const auto observe = [&](const Step& step) { ran.push_back(step.pass.name); };
  const Graph inside = run(g, Form::kTraining, observe), outside = run(g, Form::kOutside);
  EXPECT_EQ(ran, (std::vector<std::string>{"differentiate", "specialise-training", "simplify",
                                           "reduce-precision"}));
  EXPECT_EQ(inside[inside.outputs[0].node].op, op_of<LeafOp>);
  EXPECT_EQ(outside[outside.outputs[0].node].op, op_of<Constant>);
}

// What relu makes of its operand is all that the backward pass reads.
TEST(Pipeline, KeepsNothingBehindRelu) {
  Graph g;
  const Dim batch = g.batch(4);
  const Tensor h = relu(matmul(g.input("x", {batch, 6}), g.parameter("u", {6, 8}, normal(1))));
  g.minimize(sum(matmul(h, g.parameter("v", {8, 3}, normal(1)))), sgd({.learning_rate = 0.1}));
  const Graph train = derive_entries(g).train;
  int readers = 0, found = -1;
  for (const Node& node : train.nodes)
    if (node.op == op_of<Relu>) found = node.operands[0];
  for (const Node& node : train.nodes)
    for (const int operand : node.operands) readers += operand == found;
  EXPECT_EQ(readers, 1) << ir::print(train);
}

TEST(Pipeline, SumsOfTheSameShareALoop) {
  Graph g;
  const Dim batch = g.batch(40);
  const Tensor x = g.input("x", {batch}), y = g.input("y", {batch});
  g.output("products", sum(x * y));
  g.output("squares", sum(x * x));
  g.output("apart", sum(exp(y - 2)));
  const ir::Program program = lower(for_kernels(derive_entries(g).evaluate));
  ASSERT_EQ(program.kernels.size(), 1) << "each reads what another reads";
  ASSERT_EQ(program.kernels[0].stages.size(), 1);
  EXPECT_EQ(program.kernels[0].stages[0].reductions.size(), 3);
}

// Forty steps in which every value is a term, or a factor, of the next one twice: there are 2^40
// paths to the first. A pass that took each of them would not come to an end.
TEST(Pipeline, GoesToSharedTermsOnce) {
  Graph g;
  const Tensor a = g.parameter("a", {2048}, normal(1)), b = g.parameter("b", {2048}, normal(1));
  const Tensor scalar = g.parameter("scalar", {}, normal(1));
  Tensor x = a, u = tanh(a), v = sin(b), p = b, s = scalar;
  for (int step = 0; step < 40; ++step) {
    x = x * x + x;
    const Tensor sum = u + v, difference = u - v;
    u = sum + b * (step + 2.0), v = difference - tanh(a) * b;
    p = p * p;
    s = tanh(s) * sin(s);
  }
  g.minimize(s + sum(x) + sum(tanh(u + v)) + sum(p * 2 + p * a), sgd({.learning_rate = 1e-9}));
  EXPECT_FALSE(lower(for_kernels(derive_entries(g).train)).kernels.empty());
}

}  // namespace
}  // namespace gradc::passes
