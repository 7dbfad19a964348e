#include <gtest/gtest.h>
#include <ir/parse.h>
#include <ir/print.h>
#include <ir/rewrite.h>

namespace gradc::ir {
namespace {

const Rule kDropNegPair{"-(-x) = x", [](const Site& site) -> std::optional<Tensor> {
                          if (site.is<Neg>() && is<Neg>(site[0])) return operand(site[0], 0);
                          return {};
                        }};
const Rule kSquare{"square as 1 - (1 - x x)", [](const Site& site) -> std::optional<Tensor> {
                     if (!site.is<Mul>() || site[0].node != site[1].node) return {};
                     return 1 - (1 - site[0] * site[0]);
                   }};

constexpr const char* kText = R"(graph @g {
  file "m.cpp"
  %x = input f32[3] loc("m.cpp":1:2)
  %1 = neg %x : f32[3] loc("m.cpp":3:4)
  %2 = neg %1 : f32[3] loc("m.cpp":5:6)
  %3 = mul %2 %2 : f32[3] loc("m.cpp":7:8)
  output "y" %3
}
)";

TEST(Rewrite, WithoutRulesNothingChanges) {
  const Graph graph = parse_one(kText);
  EXPECT_TRUE(identical(rewrite(graph, {}), graph));
}

TEST(Rewrite, RuleSeesItsOperandsReplaced) {
  std::vector<int> fired;
  const Rule rules[] = {kDropNegPair, kSquare};
  const Graph graph = rewrite(parse_one(kText), rules, &fired);
  EXPECT_EQ(fired, (std::vector<int>{1, 1}));
  EXPECT_EQ(print(graph), R"(graph @g {
  %x = input f32[3]
  %1 = mul %x %x : f32[3]
  %2 = constant 1 : f32[]
  %3 = broadcast %2 [-1] : f32[3]
  %4 = sub %3 %1 : f32[3]
  %5 = sub %3 %4 : f32[3]
  output "y" %5
}
)");
}

TEST(Rewrite, NewNodesLieWhereTheOldOneDid) {
  const Graph graph = rewrite(parse_one(kText), {kSquare});
  EXPECT_EQ(graph.files.size(), 1u);
  for (const Node& node : graph.nodes) {
    if (node.op == op_of<Sub>) {
      EXPECT_EQ(node.location, (Location{0, 7, 8}));
    }
  }
}

// Also where the old node has no place at all.
TEST(Rewrite, NoPlaceStaysNoPlace) {
  const Graph graph = rewrite(parse_one(R"(graph @g {
    %x = input f32[3]
    %1 = mul %x %x
    output "y" %1
  })"),
                              {kSquare});
  EXPECT_TRUE(graph.files.empty());
  for (const Node& node : graph.nodes) EXPECT_EQ(node.location, Location{});
}

TEST(Rewrite, UntilStable) {
  const Rule rules[] = {kDropNegPair};
  const Graph graph = rewrite_until_stable(parse_one(R"(graph @g {
    %x = input f32[3]
    %1 = neg %x
    %2 = neg %1
    %3 = neg %2
    %4 = neg %3
    %5 = neg %4
    output "y" %5
  })"),
                                           rules);
  EXPECT_EQ(graph.nodes.size(), 2u);
}

TEST(Rewrite, ConstantValue) {
  Graph graph;
  const Tensor two = broadcast(graph.constant(2), {3, 4});
  EXPECT_EQ(constant_value(reshape(two, {12})), 2);
  EXPECT_EQ(constant_value(exp(two)), std::nullopt);
}

TEST(RewriteDeathTest, AReplacementKeepsTheType) {
  const Rule wrong{"exp(x) = sum(x)", [](const Site& site) -> std::optional<Tensor> {
                     if (!site.is<Neg>()) return {};
                     return sum(site[0]);
                   }};
  EXPECT_DEATH(rewrite(parse_one(kText), {wrong}),
               "a replacement keeps the type: f32\\[3\\] became f32\\[\\]");
}

TEST(RewriteDeathTest, RulesThatNeverEnd) {
  const Rule rules[] = {kSquare};
  EXPECT_DEATH(rewrite_until_stable(parse_one(kText), rules, 5),
               "after 5 sweeps rules still fire: square as 1");
}

}  // namespace
}  // namespace gradc::ir
