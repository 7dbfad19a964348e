#include <eval/random_bindings.h>
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/compact.h>
#include <ir/parse.h>
#include <ir/print.h>

namespace gradc::ir {
namespace {

std::string compacted(std::string_view text) { return print(compact(parse_one(text))); }

TEST(Compact, MergesEqualNodesAndDropsDeadOnes) {
  EXPECT_EQ(compacted(R"(graph @g {
    %1 = constant 2
    %x = input f32[3]
    %2 = exp %x
    %3 = exp %x
    %4 = neg %x
    %5 = add %2 %3
    %unused = parameter f32[7] constant(0)
    output "y" %5
  })"),
            R"(graph @g {
  %x = input f32[3]
  %unused = parameter f32[7] constant(0)
  %1 = exp %x : f32[3]
  %2 = add %1 %1 : f32[3]
  output "y" %2
}
)");
}

TEST(Compact, KeepsWhatDiffersInAnyWay) {
  const char* text = R"(graph @g {
  %x = input f32[2, 2]
  %y = input f32[2, 2]
  %seed = setting f32[] 0
  %1 = sum %x over [0] : f32[2]
  %2 = sum %x over [1] : f32[2]
  %3 = sum %y over [0] : f32[2]
  %4 = max %x over [0] : f32[2]
  %5 = random %seed %seed stream 0 : f32[2]
  %6 = random %seed %seed stream 1 : f32[2]
  %7 = random %seed %seed stream 1 : f32[3]
  %8 = constant 0 : f32[]
  %9 = constant -0 : f32[]
  output "1" %1
  output "2" %2
  output "3" %3
  output "4" %4
  output "5" %5
  output "6" %6
  output "7" %7
  output "8" %8
  output "9" %9
}
)";
  EXPECT_EQ(compacted(text), text);
}

TEST(Compact, NamesOfDimensionsDoNotCount) {
  const Graph graph = compact(parse_one(R"(graph @g {
    %x = input f32[n=3]
    %1 = exp %x : f32[n=3]
    %2 = exp %x : f32[m=3]
    output "a" %1
    output "b" %2
  })"));
  EXPECT_EQ(graph.nodes.size(), 2u);
}

TEST(Compact, KeepsValuesAndIsIdempotent) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Graph graph = graphs::generate(seed, {.gradients = false});
    const Graph small = compact(graph);
    EXPECT_TRUE(identical(compact(small), small));
    EXPECT_LE(small.nodes.size(), graph.nodes.size());
    const eval::Bindings bindings = eval::random_bindings(graph, seed);
    const eval::Values before = eval::interpret(graph, bindings);
    const eval::Values after = eval::interpret(small, bindings);
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      EXPECT_EQ(before[graph.outputs[i].node].elements, after[small.outputs[i].node].elements);
  }
}

}  // namespace
}  // namespace gradc::ir
