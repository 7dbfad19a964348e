#include "passes/simplify.h"

#include <set>

#include "../../models/nplm.cpp"
#include "eval/random_bindings.h"
#include "graphs/generate.h"
#include "ir/compact.h"
#include "ir/parse.h"
#include "ir/verify.h"
#include "passes/differentiate.h"
#include "passes/entries.h"
#include "passes/specialise.h"
#include "values.h"

namespace gradc::passes {
namespace {

Graph expanded(const Graph& declared) { return specialise(differentiate(declared), true); }

Graph train_graph(const auto& model) {
  Graph declared;
  model.declare(declared);
  return derive_entries(declared).train;
}

// Why a graph is simplified wrongly; empty: it is not.
std::string fault(const Graph& declared, std::uint64_t seed) {
  const Graph before = expanded(declared), after = simplify(before);
  if (const auto violations = ir::verify(after, {.lowered = true}); !violations.empty())
    return ir::to_string(violations);
  if (!ir::identical(simplify(after), after)) return "simplifying twice changes something";
  for (const std::int64_t batch : {declared.batch_dim.size, std::int64_t{1}}) {
    if (batch > declared.batch_dim.size) continue;
    const eval::Bindings bindings = eval::random_bindings(before, seed, batch);
    const eval::Values a = eval::interpret(after, bindings), b = eval::interpret(before, bindings);
    const auto differ = [](const eval::Array& found, const eval::Array& wanted) {
      double scale = 1;
      for (const double x : wanted.elements)
        if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
      for (std::size_t i = 0; i < wanted.elements.size(); ++i)
        if (std::isfinite(wanted.elements[i]) &&
            !(std::abs(found.elements[i] - wanted.elements[i]) <= 1e-11 * scale))
          return true;
      return false;
    };
    for (std::size_t i = 0; i < before.outputs.size(); ++i)
      if (differ(a[after.outputs[i].node], b[before.outputs[i].node])) return "an output differs";
    for (std::size_t i = 0; i < before.updates.size(); ++i)
      if (differ(a[after.updates[i].node], b[before.updates[i].node])) return "an update differs";
  }
  return "";
}

TEST(Simplify, RandomGraphsKeepTheirValues) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Graph graph = graphs::generate(seed, {.ops = seed % 4 == 0 ? 40 : 12});
    if (fault(graph, seed).empty()) continue;
    const Graph small =
        graphs::shrink(graph, [&](const Graph& other) { return !fault(other, seed).empty(); });
    FAIL() << "seed " << seed << ": " << fault(small, seed) << "\n" << ir::print(small);
  }
}

TEST(Simplify, LawsAreDistinct) {
  std::set<std::string> laws;
  for (const ir::Rule& rule : simplify_rules())
    EXPECT_TRUE(laws.insert(rule.law).second) << rule.law;
}

// Cross-entropy's gradient is probabilities minus one-hot, with one exp, one maximum and one sum of
// exponentials in all, no logarithm of an element, and the learning rate over the batch as one
// scalar.
TEST(Simplify, NplmStep) {
  const Graph graph = train_graph(Nplm{});
  SCOPED_TRACE(ir::print(graph));
  EXPECT_EQ(count(graph, op_of<Exp>), 1);
  EXPECT_EQ(count(graph, op_of<Tanh>), 1);
  EXPECT_EQ(count(graph, op_of<Max>), 1);
  EXPECT_EQ(count(graph, op_of<Log>), 1);
  EXPECT_EQ(count(graph, op_of<Contract>), 6);  // two layers; two gradients each
  EXPECT_EQ(count(graph, op_of<Gather>), 1);
  EXPECT_EQ(count(graph, op_of<Scatter>), 1);
  EXPECT_EQ(count(graph, op_of<Transpose>), 0);
  EXPECT_EQ(count(graph, op_of<Sum>), 4);  // exponentials, loss, two biases
  EXPECT_EQ(count(graph, op_of<Detach>), 0);
  for (const Node& node : graph.nodes) {
    if (node.op == op_of<Log>) {
      EXPECT_EQ(node.type.rank(), 1);
    }
    if (node.op == op_of<Div>) {
      EXPECT_LE(node.type.rank(), 1);
    }
  }
  // Each update is p - contraction * repeat(rate / batch).
  const auto at = [&](int node) { return graph[node]; };
  for (const Update& update : graph.updates) {
    if (graph[update.leaf].type.rank() == 0) continue;  // the step
    const Node step = at(update.node);
    ASSERT_EQ(step.op, op_of<Sub>);
    EXPECT_EQ(step.operands[0], update.leaf);
    const Node change = at(step.operands[1]);
    ASSERT_EQ(change.op, op_of<Mul>);
    EXPECT_EQ(at(change.operands[1]).op, op_of<Broadcast>);
    EXPECT_EQ(at(at(change.operands[1]).operands[0]).type.rank(), 0);
    const Op what = at(change.operands[0]).op;
    EXPECT_TRUE(what == op_of<Contract> || what == op_of<Sum> || what == op_of<Scatter>);
  }
}

// The gradient of scores: p (g - sum g p), with the probabilities of the forward pass.
struct Attention {
  void declare(Graph& g) const {
    const Dim batch = g.batch(4), steps = 6, width = 8;
    const Tensor x = g.input("x", {batch, steps, width});
    const Tensor q = nn::linear(g / "q", x, width), k = nn::linear(g / "k", x, width);
    const Tensor p = nn::softmax(matmul(q, transpose(k)) * 0.35);
    const Tensor y = nn::linear(g / "out", matmul(p, x), width);
    g.minimize(mean(y * y), sgd());
  }
};
TEST(Simplify, AttentionSharesItsProbabilities) {
  const Graph graph = train_graph(Attention{});
  SCOPED_TRACE(ir::print(graph));
  EXPECT_EQ(count(graph, op_of<Exp>), 1);
  EXPECT_EQ(count(graph, op_of<Transpose>), 0);
  int large_products = 0;  // of [batch, steps, steps]: scores, p, g p, p (g - ..)
  for (const Node& node : graph.nodes)
    large_products +=
        node.op == op_of<Mul> && node.type.rank() == 3 && node.type.shape[2].size == 6;
  EXPECT_EQ(large_products, 4);
}

// sum(x - mean x) = 0: nothing flows to the mean by way of the variance.
struct Normalized {
  void declare(Graph& g) const {
    const Dim batch = g.batch(32);
    const Tensor x = nn::linear(g / "in", g.input("x", {batch, 16}), 8, {.bias = false});
    const Tensor y = nn::batch_norm(g / "norm", x);
    g.minimize(mean(y * g.input("w", {batch, 8})), sgd());
  }
};
TEST(Simplify, BatchNormBackward) {
  const Graph graph = train_graph(Normalized{});
  SCOPED_TRACE(ir::print(graph));
  // mean, variance, loss, and the gradients of gain and bias: no sum over the batch besides
  EXPECT_EQ(count(graph, op_of<Sum>), 5);
}

struct OneHotInput {
  void declare(Graph& g) const {
    const Dim batch = g.batch(32);
    const Tensor x = g.tokens("x", {batch}, classes);
    const Tensor w = g.parameter("w", {27, 5}, normal(1));
    g.minimize(mean(matmul(one_hot(x, 27), w)), sgd());
  }
  int classes = 27;
};
TEST(Simplify, OneHotTimesTableIsGather) {
  EXPECT_EQ(count(train_graph(OneHotInput{}), op_of<Contract>), 0);
}
// A token beyond the classes has a row of zeros; there is no such row to gather.
TEST(Simplify, OneHotOfTooManyClassesIsNot) {
  EXPECT_EQ(count(train_graph(OneHotInput{.classes = 28}), op_of<Gather>), 0);
}

}  // namespace
}  // namespace gradc::passes
