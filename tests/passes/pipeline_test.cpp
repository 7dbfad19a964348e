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

// Forty steps in which every value is a term, or a factor, of the next one twice: there are 2^40
// paths to the first. A pass that took each of them would not come to an end.
TEST(Pipeline, GoesToSharedTermsOnce) {
  Graph g;
  const Tensor a = g.parameter("a", {2048}, normal(1)), b = g.parameter("b", {2048}, normal(1));
  Tensor x = a, u = tanh(a), v = sin(b), p = b;
  for (int step = 0; step < 40; ++step) {
    x = x * x + x;
    const Tensor sum = u + v, difference = u - v;
    u = sum + b * (step + 2.0), v = difference - tanh(a) * b;
    p = p * p;
  }
  g.minimize(sum(x) + sum(tanh(u + v)) + sum(p * 2 + p * a), sgd({.learning_rate = 1e-9}));
  EXPECT_FALSE(lower(for_kernels(derive_entries(g).train)).kernels.empty());
}

}  // namespace
}  // namespace gradc::passes
