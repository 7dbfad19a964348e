#include "passes/pipeline.h"

#include <gradc/dsl.h>

#include <set>

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

}  // namespace
}  // namespace gradc::passes
