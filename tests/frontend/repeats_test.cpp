// Constant evaluation declares an optimizer's update once for all parameters of one kind and shape;
// what thaw writes out is what the optimizer declares one by one.
#include <gradc/dsl.h>
#include <gtest/gtest.h>
#include <ir/verify.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "frontend/thaw.h"

namespace gradc {
namespace {

// Three layers; weights of one shape, biases of one, and a shape that occurs once.
template <class Optimizer>
struct Layers {
  Optimizer optimizer;

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(3);
    Tensor x = g.input("x", {batch, 4});
    for (int layer = 0; layer < 3; ++layer) x = tanh(nn::linear(g / to_text(layer), x, 4));
    g.steps = 100;
    const Tensor y = nn::linear(g / "last", x, 2);
    g.minimize(mean(y * y), optimizer);
  }
};

// Says nothing of kinds, as the user of the DSL may not either.
struct Plain {
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    const Tensor last = scope.state("last", parameter.shape(), zeros());
    scope.graph().update(last, gradient);
    scope.graph().update(parameter, parameter - 0.1 * (gradient + last));
  }
};

GRADC_MODEL(momentum, Layers{sgd({.momentum = 0.9, .weight_decay = 0.1})});
GRADC_MODEL(scheduled, Layers{adamw({.schedule = schedule::cosine(10)})});
GRADC_MODEL(groups, Layers{grouped(matrices, adamw(), sgd())});
GRADC_MODEL(clips, Layers{clipped(1, grouped(matrices, adamw(), adam({.learning_rate = 0.1})))});
GRADC_MODEL(accumulates, Layers{accumulated(4, clipped(1, adam()))});
GRADC_MODEL(plain, Layers{Plain{}});

template <class Model>
Frozen frozen(const Model& model) {
  Frozen all;
  all.words.assign(std::begin(model.words), std::end(model.words));
  all.reals.assign(std::begin(model.reals), std::end(model.reals) - 1);
  all.text = std::string_view(model.text, std::size(model.text) - 1);
  return all;
}

const char* keep(std::string_view) { return ""; }

std::size_t repeats_of(const Frozen& frozen) {
  Reader reader(frozen, keep);
  Graph graph;
  transfer(reader, graph);
  EXPECT_TRUE(reader.ok);
  return graph.repeats.size();
}

// What each leaf begins as and takes after a step. An expression is told by its number among all
// that were seen, which is the same for the same expression: in which order a compiler evaluates
// the operands of a declaration, and how often a number is declared, changes nothing.
class Expressions {
 public:
  std::map<std::string, std::string> updates(const Graph& graph) {
    std::vector<int> numbers;
    for (const Node& node : graph.nodes) {
      const Leaf* leaf =
          node.op == op_of<LeafOp> ? &graph.leaves[node.attributes.ints[0]] : nullptr;
      std::string text = std::string(info_of(node.op).name) + to_text(node.type).str();
      if (leaf != nullptr) text += leaf->name.str();
      for (int operand : node.operands) text += " %" + std::to_string(numbers[operand]);
      for (std::int64_t word : node.attributes.ints)
        if (leaf == nullptr) text += " " + std::to_string(word);
      text += " " + std::to_string(node.attributes.value);
      numbers.push_back(seen_.emplace(text, static_cast<int>(seen_.size())).first->second);
    }
    std::map<std::string, std::string> told;
    for (const Leaf& leaf : graph.leaves)
      told[leaf.name.str()] = std::string(name_of(leaf.role)) + " of " +
                              std::to_string(static_cast<int>(leaf.initializer.kind)) + " " +
                              std::to_string(leaf.initializer.a);
    for (const Update& update : graph.updates)
      told[graph.leaf_of(update.leaf)->name.str()] +=
          " <- %" + std::to_string(numbers[update.node]);
    return told;
  }

 private:
  std::map<std::string, int> seen_;
};

#define EXPECT_REPEATS(NAME, COUNT)                                                         \
  do {                                                                                      \
    const Frozen constant = frozen(gradc_model_##NAME);                                     \
    EXPECT_EQ(repeats_of(constant), COUNT) << #NAME;                                        \
    const std::optional<Graph> thawed = frontend::thaw(constant);                           \
    ASSERT_TRUE(thawed.has_value()) << #NAME;                                               \
    EXPECT_EQ(ir::to_string(ir::verify(*thawed)), "") << #NAME;                             \
    Expressions seen;                                                                       \
    EXPECT_EQ(seen.updates(*thawed), seen.updates(gradc_declare_##NAME{}(Mistakes::kStop))) \
        << #NAME;                                                                           \
  } while (false)

// Of three weights and three biases two each are as the first; those of the last layer are alone.
TEST(Repeats, AreWhatTheOptimizerDeclares) {
  EXPECT_REPEATS(momentum, 4);
  EXPECT_REPEATS(scheduled, 4);
  EXPECT_REPEATS(groups, 4);
  EXPECT_REPEATS(clips, 4);
  EXPECT_REPEATS(accumulates, 4);
  EXPECT_REPEATS(plain, 0);
}

// Any number in the place of any word: refused, or a graph that is well-formed.
TEST(Repeats, SurviveAnyWord) {
  const Frozen whole = frozen(gradc_model_momentum);
  int read = 0, refused = 0;
  for (const std::int64_t word : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{7},
                                  std::int64_t{1} << 40, INT64_MAX}) {
    for (std::size_t i = 0; i < whole.words.size(); ++i) {
      Frozen wrong = whole;
      wrong.words[i] = word;
      ++(frontend::thaw(wrong) ? read : refused);
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace gradc
