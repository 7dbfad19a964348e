// Each rule of the verifier, broken once and nothing else with it.
#include <graphs/generate.h>
#include <gtest/gtest.h>
#include <ir/parse.h>
#include <ir/verify.h>

#include <functional>
#include <set>

namespace gradc::ir {
namespace {

Graph sound() {
  return parse_one(R"(graph @sound batch 4 {
    file "model.cpp"
    %x = input f32[4*, 3]
    %i = input i32[4*] classes 5
    %w = parameter f32[3, 3] normal(0, 1)
    %rate = setting f32[] 0.1
    %y = contract %x %w over (1, 0)
    %z = exp %y
    %noise = random %rate %rate stream 0 : f32[4*, 3]
    %t = add %z %noise
    %loss = sum %t over [0, 1]
    %g = gradient %loss %w
    output "t" %t
    update %w = %g
    minimize %loss
    config "n_head" 2
  })");
}

int index_of(const Graph& graph, Op op) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].op == op) return static_cast<int>(i);
  return -1;
}

struct Broken {
  int rule;
  std::function<void(Graph&)> breaks;
  const char* message;
};

const std::vector<Broken>& broken() {
  static const std::vector<Broken> cases = {
      {0, [](Graph& g) { g.report("two outputs", {}); }, "two outputs"},
      {1, [](Graph& g) { g.nodes[5].operands = {4, 4}; }, "node 5 (exp) has 2 operands"},
      {1, [](Graph& g) { g.nodes[9].op = static_cast<Op>(99); }, "node 9 has 2 operands"},
      {2, [](Graph& g) { g.nodes[5].operands = {5}; }, "node 5 (exp) uses node 5"},
      {2, [](Graph& g) { g.nodes[5].operands = {-1}; }, "node 5 (exp) uses node -1"},
      {3, [](Graph& g) { g.nodes.push_back({op_of<Exp>, {Element::kPoison, {}}, {0}, {}, {}}); },
       "node 10 (exp)"},
      {4, [](Graph& g) { g.nodes.push_back({op_of<Exp>, {Element::kF32, {3}}, {0}, {}, {}}); },
       "node 10 (exp) is f32[3], expected f32[4*, 3]"},
      {4, [](Graph& g) { g.nodes[8].attributes.ints = {1, 0}; },
       "node 8 (sum): axes to reduce are ascending and within [4, 3]"},
      {5, [](Graph& g) { g.leaves[3].name = "x"; }, "leaf \"x\" has no name of its own"},
      {5, [](Graph& g) { g.leaves[3].name = ""; }, "leaf \"\" has no name of its own"},
      {5,
       [](Graph& g) {
         Node extra = g.nodes[0];
         extra.attributes.ints = {17};
         g.nodes.push_back(extra);
       },
       "node 10 (leaf) names no leaf that names it"},
      {6, [](Graph& g) { g.leaves[1].classes = 0; }, "leaf \"i\" is a input i32[4*] of 0 classes"},
      {6, [](Graph& g) { g.leaves[0].role = Role::kSetting; },
       "leaf \"x\" is a setting f32[4*, 3] of 0 classes"},
      {7,
       [](Graph& g) {
         g.leaves.push_back({Role::kState, "s", 10});
         Attributes attributes;
         attributes.ints = {4};
         g.nodes.push_back({op_of<LeafOp>, {Element::kF64, {}}, {}, attributes, {}});
       },
       "node 10 (leaf) is f64, the graph f32"},
      {8,
       [](Graph& g) {
         Dim dim(6);
         dim.batched = true;
         Attributes attributes;
         attributes.ints = {0};
         g.nodes.push_back({op_of<Iota>, {Element::kI32, {dim}}, {}, attributes, {}});
       },
       "node 10 (iota) has 6, the batch is 4"},
      {9, [](Graph& g) { g.outputs.push_back({"t", 3, {}}); },
       "output \"t\" has no name of its own"},
      {9, [](Graph& g) { g.outputs[0].node = 10; }, "output \"t\" is node 10"},
      {10, [](Graph& g) { g.updates[0].leaf = 0; },
       "the update of node 0 (leaf) is that of no parameter or state"},
      {10, [](Graph& g) { g.updates[0].node = 3; },
       "the update of node 2 (leaf) is f32[], expected f32[3, 3]"},
      {10, [](Graph& g) { g.updates.push_back(g.updates[0]); },
       "the update of node 2 (leaf) is the second one"},
      {11, [](Graph& g) { g.loss = 7; }, "node 7 (add) is f32[4*, 3]"},
      {11, [](Graph& g) { g.loss = 99; }, "the loss is node 99"},
      {12, [](Graph& g) { g.nodes[6].attributes.ints = {-1}; },
       "node 6 (random) has no such stream"},
      {13, [](Graph& g) { g.nodes[5].location.file = 1; }, "node 5 (exp) lies in file 1"},
      {13, [](Graph& g) { g.outputs[0].location.file = 7; }, "output \"t\" lies in file 7"},
      {13, [](Graph& g) { g.config_facts[0].location.file = 1; },
       "the number \"n_head\" of config.json lies in file 1"},
      {15, [](Graph& g) { g.config_facts.push_back(g.config_facts[0]); },
       "the number \"n_head\" of config.json has no key of its own"},
      {15, [](Graph& g) { g.config_facts[0].key = ""; },
       "the number \"\" of config.json has no key of its own"},
  };
  return cases;
}

TEST(Verify, SoundGraphsPass) {
  EXPECT_EQ(to_string(verify(sound())), "");
  EXPECT_EQ(index_of(sound(), op_of<Exp>), 5);
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    EXPECT_EQ(to_string(verify(graphs::generate(seed))), "");
}

TEST(Verify, EachRule) {
  for (const Broken& each : broken()) {
    Graph graph = sound();
    each.breaks(graph);
    const std::vector<Violation> violations = verify(graph);
    ASSERT_EQ(violations.size(), 1u) << each.message << "\n" << to_string(violations);
    EXPECT_EQ(violations[0].rule, each.rule) << each.message;
    EXPECT_EQ(violations[0].message, each.message);
  }
}

TEST(Verify, LoweredGraphsHaveNoDirectives) {
  const std::vector<Violation> violations = verify(sound(), {.lowered = true});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(to_string(violations),
            "rule 14: no gradient and no training is left when a graph is lowered: node 9 "
            "(gradient)\n");
}

TEST(Verify, EveryRuleHasATest) {
  std::set<int> tested{14};
  for (const Broken& each : broken()) tested.insert(each.rule);
  for (int rule = 0; rule < static_cast<int>(std::size(kRules)); ++rule)
    EXPECT_TRUE(tested.count(rule)) << "rule " << rule << ": " << kRules[rule];
}

}  // namespace
}  // namespace gradc::ir
