// The derivative of every op against finite differences, first and second, and where ops have
// corners against what their blocks promise.
#include <eval/interpret.h>
#include <graphs/dice.h>
#include <gtest/gtest.h>
#include <ir/visit.h>
#include <ops/finite_differences.h>
#include <passes/differentiate.h>

#include <functional>

namespace gradc::ops {
namespace {

// sum of w y for fixed numbers w, so that every element of the cotangent is different.
Tensor weighted(Graph& graph, Tensor y) {
  const Tensor w =
      graph.input("w" + to_text(static_cast<std::int64_t>(graph.leaves.size())), y.shape());
  return sum(w * y);
}

// Compares first derivatives, and those of a weighted sum of the first.
void check_twice(Graph& graph, Tensor y, const std::vector<Tensor>& parameters,
                 const std::string& name, const eval::Bindings* bindings = nullptr) {
  ASSERT_TRUE(graph.diagnostics.empty()) << name << ": " << graph.diagnostics[0].message.str();
  const Tensor first = weighted(graph, y);
  Tensor second = graph.constant(0);
  for (const Tensor& parameter : parameters) second += weighted(graph, grad(first, parameter));
  eval::Bindings all = eval::random_bindings(graph, 5);
  if (bindings != nullptr)
    for (const auto& [leaf, elements] : bindings->leaves) all.leaves[leaf] = elements;
  EXPECT_EQ(check_gradients(graph, first, parameters, {.bindings = &all}), "") << name;
  EXPECT_EQ(check_gradients(graph, second, parameters, {.bindings = &all}), "")
      << name << ", second derivative";
}

// --- Elementwise: from the table
// ---------------------------------------------------------------------

template <class Block, std::size_t... I>
Tensor apply(const std::vector<Tensor>& x, std::index_sequence<I...>) {
  return gradc::detail::apply<Block>(Operand(x[I])...);
}

template <class Block>
void check_elementwise() {
  constexpr Probe probe = Block::probe;
  Graph graph;
  std::vector<Tensor> x;
  eval::Bindings bindings;
  graphs::Dice dice(3);
  constexpr int kPoints = 40;
  for (int k = 0; k < Block::arity; ++k) {
    const std::string name = "x" + std::to_string(k);
    x.push_back(graph.parameter(name, {kPoints}, zeros()));
    std::vector<double>& elements = bindings.leaves[name];
    const double lo = k == 1 ? probe.lo2 : probe.lo, hi = k == 1 ? probe.hi2 : probe.hi;
    for (int i = 0; i < kPoints; ++i) {
      double value = 0;
      // Off the corners: not near 0, and no two operands near each other.
      do value = dice.between(lo, hi);
      while (probe.kink && (std::abs(value) < 0.05 ||
                            (k > 0 && std::abs(value - bindings.leaves["x0"][i]) < 0.05) ||
                            (k > 1 && std::abs(value - bindings.leaves["x1"][i]) < 0.05)));
      elements.push_back(value);
    }
  }
  const Tensor y = apply<Block>(x, std::make_index_sequence<Block::arity>());
  check_twice(graph, y, x, Block::name, &bindings);
}

template <class... Blocks>
void check_all(OpList<Blocks...>) {
  const auto check = []<class Block>() {
    // What `detach` gives counts as a constant, and `cast` has no real operand. Differences are 0
    // or say nothing where an op has steps.
    if constexpr (ir::kHasBody<Block> && !std::is_same_v<Block, Detach> &&
                  !std::is_same_v<Block, Cast>) {
      if constexpr (!Block::probe.steps) check_elementwise<Block>();
    }
  };
  (check.template operator()<Blocks>(), ...);
}

TEST(Gradients, ElementwiseOps) { check_all(Ops{}); }

// --- The rest: by examples of every shape
// -------------------------------------------------------------

struct Example {
  Op op;
  const char* name;
  std::function<Tensor(Graph&)> build;  // parameters are found in the graph
};

Dim batch_of(Graph& g) { return g.batch(3); }
Tensor p(Graph& g, const Shape& shape) {
  return g.parameter("p" + to_text(static_cast<std::int64_t>(g.leaves.size())), shape, normal(1));
}
ContractAxes axes(Axes left_over, Axes right_over, Axes left_batch = {}, Axes right_batch = {}) {
  return {left_batch, right_batch, left_over, right_over};
}

const std::vector<Example>& examples() {
  static const std::vector<Example> list = {
      {op_of<Sum>, "all", [](Graph& g) { return sum(p(g, {2, 3})); }},
      {op_of<Sum>, "none", [](Graph& g) { return sum(p(g, {2, 3}), Axes{}); }},
      {op_of<Sum>, "middle", [](Graph& g) { return sum(p(g, {2, 3, 4}), {1}); }},
      {op_of<Sum>, "outer, kept",
       [](Graph& g) { return sum(p(g, {2, 3, 4}), {0, 2}, Keep::kYes); }},
      {op_of<Max>, "last", [](Graph& g) { return max(p(g, {2, 5}), {1}); }},
      {op_of<Max>, "all", [](Graph& g) { return max(p(g, {2, 5}), {0, 1}); }},
      {op_of<Max>, "none", [](Graph& g) { return max(p(g, {2, 5}), Axes{}); }},
      {op_of<Max>, "first, kept", [](Graph& g) { return max(p(g, {4, 1, 2}), {0}, Keep::kYes); }},
      {op_of<Broadcast>, "scalar", [](Graph& g) { return broadcast(p(g, {}), {2, 3}); }},
      {op_of<Broadcast>, "new axes", [](Graph& g) { return broadcast(p(g, {3}), {4, 2, 3}); }},
      {op_of<Broadcast>, "unit axes",
       [](Graph& g) { return broadcast(p(g, {2, 1, 1}), {2, 3, 1}); }},
      {op_of<Broadcast>, "batch",
       [](Graph& g) { return broadcast(p(g, {1, 2}), {batch_of(g), 2}); }},
      {op_of<Reshape>, "merge", [](Graph& g) { return reshape(p(g, {2, 3, 4}), {6, 4}); }},
      {op_of<Reshape>, "split", [](Graph& g) { return reshape(p(g, {12}), {2, 1, 6}); }},
      {op_of<Reshape>, "to scalar", [](Graph& g) { return reshape(p(g, {1, 1}), {}); }},
      {op_of<Transpose>, "matrix", [](Graph& g) { return transpose(p(g, {2, 3})); }},
      {op_of<Transpose>, "rotation",
       [](Graph& g) { return transpose(p(g, {2, 3, 4}), {2, 0, 1}); }},
      {op_of<Slice>, "inner", [](Graph& g) { return slice(p(g, {2, 5}), 1, 1, 3); }},
      {op_of<Slice>, "all", [](Graph& g) { return slice(p(g, {2, 5}), 0, 0, 2); }},
      {op_of<Random>, "times x", [](Graph& g) { return p(g, {2, 3}) * g.random({2, 3}); }},
      {op_of<Pad>, "both sides", [](Graph& g) { return pad(p(g, {2, 3}), 0, 1, 2); }},
      {op_of<Pad>, "concat", [](Graph& g) { return concat(p(g, {2, 3}), p(g, {2, 1}), 1); }},
      {op_of<Contract>, "dot",
       [](Graph& g) { return contract(p(g, {4}), p(g, {4}), axes({0}, {0})); }},
      {op_of<Contract>, "outer product",
       [](Graph& g) { return contract(p(g, {2}), p(g, {3}), axes({}, {})); }},
      {op_of<Contract>, "matmul", [](Graph& g) { return matmul(p(g, {2, 3}), p(g, {3, 4})); }},
      {op_of<Contract>, "matrix times vector",
       [](Graph& g) { return matmul(p(g, {2, 3}), p(g, {3})); }},
      {op_of<Contract>, "batched matmul",
       [](Graph& g) { return matmul(p(g, {2, 3, 4}), p(g, {2, 4, 2})); }},
      {op_of<Contract>, "many rows",
       [](Graph& g) { return matmul(p(g, {2, 3, 4}), p(g, {4, 5})); }},
      {op_of<Contract>, "left transposed",
       [](Graph& g) { return contract(p(g, {3, 2}), p(g, {3, 4}), axes({0}, {0})); }},
      {op_of<Contract>, "two axes, crossed",
       [](Graph& g) { return contract(p(g, {2, 3, 4}), p(g, {4, 2, 5}), axes({0, 2}, {1, 0})); }},
      {op_of<Contract>, "two batch axes, crossed",
       [](Graph& g) {
         return contract(p(g, {2, 3, 4}), p(g, {4, 3, 2}), axes({2}, {0}, {1, 0}, {1, 2}));
       }},
      {op_of<Contract>, "batch only",
       [](Graph& g) { return contract(p(g, {3, 2}), p(g, {2, 3}), axes({}, {}, {0, 1}, {1, 0})); }},
      {op_of<Contract>, "with itself",
       [](Graph& g) {
         const Tensor x = p(g, {3, 3});
         return matmul(x, x);
       }},
      {op_of<Contract>, "over the batch",
       [](Graph& g) {
         const Dim batch = batch_of(g);
         const Tensor x = g.input("x", {batch, 2});
         return contract(x * p(g, {2}), x, axes({0}, {0}));
       }},
      {op_of<Gather>, "rows",
       [](Graph& g) { return gather(p(g, {5, 2}), g.tokens("i", {batch_of(g), 4}, 5)); }},
      {op_of<Gather>, "numbers", [](Graph& g) { return gather(p(g, {5}), g.tokens("i", {7}, 5)); }},
      {op_of<Scatter>, "rows",
       [](Graph& g) { return scatter(p(g, {4, 2}), g.tokens("i", {4}, 3), 3); }},
      {op_of<Scatter>, "numbers",
       [](Graph& g) { return scatter(p(g, {2, 4}), g.tokens("i", {2, 4}, 3), 5); }},
      {op_of<Training>, "first", [](Graph& g) { return training(p(g, {3}), exp(p(g, {3}))); }},
  };
  return list;
}

TEST(Gradients, StructuralOps) {
  for (const Example& example : examples()) {
    Graph graph;
    const Tensor y = example.build(graph);
    const std::string name = std::string(info_of(example.op).name) + ", " + example.name;
    check_twice(graph, y, graph.parameters(), name);
    // Once more behind a function that makes second derivatives different from 0.
    Graph curved;
    const Tensor z = tanh(example.build(curved));
    check_twice(curved, z, curved.parameters(), "tanh of " + name);
  }
}

TEST(Gradients, EveryStructuralOpHasAnExample) {
  for (int op = 0; op < Ops::size; ++op) {
    const bool needed = ir::visit(static_cast<Op>(op), []<class Block>() {
      return ir::kHasVjp<Block> && !ir::kHasBody<Block>;
    });
    const auto is_this = [&](const Example& e) { return static_cast<int>(e.op) == op; };
    EXPECT_EQ(needed, std::any_of(examples().begin(), examples().end(), is_this))
        << kOpTable[op].name;
  }
}

// --- Corners
// -------------------------------------------------------------------------------------------

// d sum(f(x)) / dx at one point.
std::vector<double> slope(const std::vector<std::vector<double>>& at,
                          const std::function<Tensor(const std::vector<Tensor>&)>& f) {
  Graph graph;
  std::vector<Tensor> x;
  eval::Bindings bindings;
  for (const std::vector<double>& value : at) {
    const std::string name = "x" + std::to_string(x.size());
    x.push_back(graph.parameter(name, {static_cast<std::int64_t>(value.size())}, zeros()));
    bindings.leaves[name] = value;
  }
  const Tensor loss = sum(f(x));
  for (std::size_t i = 0; i < x.size(); ++i)
    graph.output(to_text(static_cast<std::int64_t>(i)), grad(loss, x[i]));
  graph = passes::differentiate(graph);
  const eval::Values values = eval::interpret(graph, bindings);
  std::vector<double> slopes;
  for (const Output& output : graph.outputs)
    for (const double element : values[output.node].elements) slopes.push_back(element);
  return slopes;
}

using Slopes = std::vector<double>;

TEST(Gradients, Corners) {
  EXPECT_EQ(slope({{0}}, [](auto x) { return abs(x[0]); }), Slopes{0});
  EXPECT_EQ(slope({{0, 1, -1}}, [](auto x) { return relu(x[0]); }), (Slopes{0, 1, 0}));
  EXPECT_EQ(slope({{2}, {2}}, [](auto x) { return maximum(x[0], x[1]); }), (Slopes{0.5, 0.5}));
  EXPECT_EQ(slope({{2}, {2}}, [](auto x) { return minimum(x[0], x[1]); }), (Slopes{0.5, 0.5}));
  EXPECT_EQ(slope({{3, 3, 1, 3}}, [](auto x) { return max(x[0], {0}); }),
            (Slopes{1. / 3, 1. / 3, 0, 1. / 3}));
}

TEST(Gradients, DetachedIsAConstant) {
  EXPECT_EQ(slope({{3}}, [](auto x) { return x[0] * detach(x[0]); }), Slopes{3});
}

TEST(Gradients, WithoutAPathIsZero) {
  EXPECT_EQ(slope({{3}, {4}}, [](auto x) { return x[0] * 2; }), (Slopes{2, 0}));
}

}  // namespace
}  // namespace gradc::ops
