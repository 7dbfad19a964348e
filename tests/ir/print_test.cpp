// Printing, then parsing, gives the very same graph.
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/compact.h>
#include <ir/parse.h>
#include <ir/print.h>

#include <cmath>
#include <limits>

namespace gradc::ir {
namespace {

// What a model file declares, with every kind of name, place and number.
Graph full_graph() {
  Graph graph;
  graph.name = "full";
  graph.use_f64();
  graph.steps = 200000;
  Dim batch(32, "BATCH"), width(5, "width"), strange(3, "a b\"\\\n");
  batch.option = true;
  const Dim rows = graph.batch(batch);
  Dim classes(27, "VOCAB");
  classes.option = true;
  const Tensor tokens = graph.tokens("context", {rows, strange}, classes);
  const Tensor table = graph.parameter("embedding", {classes, width}, normal(0.5, -1));
  const Tensor scale = graph.parameter("name with spaces", {width}, uniform(-0.1, 1e-30));
  const Tensor moment = graph.state("embedding/moment", {27, 5}, constant(-0.0));
  const Tensor rate = graph.setting("learning_rate", 0.1);
  const Tensor x = gather(table, tokens) * scale + graph.random({rows, strange, width});
  const Tensor loss = mean(tanh(x)) * std::numeric_limits<double>::infinity();
  graph.output("out", transpose(slice(pad(x, 2, 1, 2), 1, 1, 2), {2, 0, 1}));
  graph.output("not a word", max(sum(x, {1}), {1}, Keep::kYes));
  graph.update(moment, 0.9 * moment + grad(loss, table));
  graph.update(table, table - rate * moment);
  graph.objective(loss);
  graph.config("pad id", 7);
  graph.config("vocab_size", classes);
  graph.dataset(
      {Dataset::Kind::kPairs, Dataset::Order::kSequential, false, classes, width, 100, 0.25});
  return graph;
}

TEST(Print, ReadsBackTheSame) {
  const Graph graph = full_graph();
  EXPECT_TRUE(graph.diagnostics.empty());
  const std::string text = print(graph, {.locations = true});
  EXPECT_TRUE(identical(parse_one(text), graph)) << text;
}

TEST(Print, WithoutLocationsLosesNothingElse) {
  Graph graph = full_graph();
  const std::string text = print(graph);
  EXPECT_EQ(print(parse_one(text)), text);
  EXPECT_EQ(text.find("loc("), std::string::npos);
}

TEST(Print, RandomGraphsReadBackTheSame) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Graph graph = graphs::generate(seed, {.ops = 20, .f64 = seed % 2 == 1});
    const std::string text = print(graph, {.locations = true});
    ASSERT_TRUE(identical(parse_one(text), graph)) << text;
  }
}

TEST(Print, IsStable) {
  const Graph graph = parse_one(R"(
    graph @small batch 4 {
      %x = input f32[batch=4*, 3]
      %w = parameter f32[3] normal(0, 1)
      %1 = contract %x %w over (1, 0)
      %2 = sum %1 over [0]
      %3 = constant 1e-5
      %4 = mul %2 %3
      output "y" %1
      minimize %4
      dataset csv random split
    })");
  EXPECT_EQ(print(graph), R"(graph @small batch 4 {
  %x = input f32[batch=4*, 3]
  %w = parameter f32[3] normal(0, 1)
  %1 = contract %x %w over (1, 0) : f32[batch=4*]
  %2 = sum %1 over [0] : f32[]
  %3 = constant 1e-05 : f32[]
  %4 = mul %2 %3 : f32[]
  output "y" %1
  minimize %4
  dataset csv random split
}
)");
}

// An ill-formed graph is printed all the same, for that is when one wants to see it.
TEST(Print, IllFormedGraphs) {
  Graph graph = full_graph();
  for (Node& node : graph.nodes) {
    if (node.op == op_of<Transpose>) node.attributes.value = 3;
    if (node.op == op_of<Add>) node.operands[0] = 12345;
    if (node.op == op_of<Tanh>) node.op = static_cast<Op>(200);
    if (node.op == op_of<LeafOp>) node.attributes.ints[0] += 100;
  }
  const std::string text = print(graph);
  EXPECT_NE(text.find("ints [2, 0, 1] value 3"), std::string::npos);
  EXPECT_NE(text.find("%undefined.12345"), std::string::npos);
  EXPECT_NE(text.find("op200"), std::string::npos);
}

TEST(Print, Numbers) {
  EXPECT_EQ(print_number(0.1), "0.1");
  EXPECT_EQ(print_number(200000), "200000");
  EXPECT_EQ(print_number(-0.0), "-0");
  EXPECT_EQ(print_number(1e300), "1e+300");
  EXPECT_EQ(print_number(std::nan("")), "nan");
  EXPECT_EQ(print_number(-std::numeric_limits<double>::infinity()), "-inf");
}

}  // namespace
}  // namespace gradc::ir
