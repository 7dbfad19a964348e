#include "passes/differentiate.h"

#include "eval/random_bindings.h"
#include "graphs/generate.h"
#include "ir/parse.h"
#include "passes/simplify.h"
#include "values.h"

namespace gradc::passes {
namespace {

double loss_of(const Graph& graph, const eval::Bindings& bindings) {
  return eval::interpret(graph, bindings)[graph.loss].elements[0];
}

// (loss(p + h u) - loss(p - h u)) / 2h, for a parameter p.
double slope_along(const Graph& graph, eval::Bindings bindings, const std::string& parameter,
                   const std::vector<double>& u) {
  constexpr double kStep = 1e-5;
  std::vector<double>& p = bindings.leaves[parameter];
  for (std::size_t i = 0; i < p.size(); ++i) p[i] += kStep * u[i];
  const double above = loss_of(graph, bindings);
  for (std::size_t i = 0; i < p.size(); ++i) p[i] -= 2 * kStep * u[i];
  return (above - loss_of(graph, bindings)) / (2 * kStep);
}

// Along two directions for each parameter, none of which a wrong element is likely to hide from.
TEST(Differentiate, AgreesWithFiniteDifferences) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Graph graph = graphs::generate(seed, {.differentiable = true, .gradients = false});
    if (graph.loss < 0) continue;
    Graph declared = graph;
    std::vector<Leaf> parameters;
    for (const Leaf& leaf : graph.leaves)
      if (leaf.role == Role::kParameter) parameters.push_back(leaf);
    for (const Leaf& leaf : parameters)
      declared.output("gradient/" + leaf.name,
                      grad(Tensor{&declared, graph.loss}, Tensor{&declared, leaf.node}));
    const Graph derived = differentiate(declared);
    const eval::Bindings bindings = eval::random_bindings(graph, seed);
    const eval::Values values = eval::interpret(derived, bindings);
    for (const Leaf& leaf : parameters) {
      const std::string name = leaf.name.str();
      const std::vector<double>& g = eval::output_of(derived, values, "gradient/" + name).elements;
      for (const int direction : {1, 2}) {
        std::vector<double> u;
        double along = 0;
        for (std::size_t i = 0; i < g.size(); ++i) {
          u.push_back(std::sin(static_cast<double>(direction * (i + 1))));
          along += g[i] * u[i];
        }
        ASSERT_NEAR(slope_along(graph, bindings, name, u), along, 1e-6 * (1 + std::abs(along)))
            << "seed " << seed << ", " << name << "\n"
            << ir::print(declared);
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 200);
}

std::vector<double> output(const Graph& declared, const eval::Bindings& bindings,
                           std::string_view name) {
  const Graph graph = differentiate(declared);
  return eval::output_of(graph, eval::interpret(graph, bindings), name).elements;
}

// loss = sum x^4: 4 x^3, 12 x^2, 24 x.
TEST(Differentiate, HigherDerivatives) {
  Graph g;
  const Tensor x = g.parameter("x", {3}, zeros());
  const Tensor first = grad(sum(x * x * x * x), x);
  const Tensor second = grad(sum(first), x);
  g.output("first", first);
  g.output("second", second);
  g.output("third", grad(sum(second), x));
  eval::Bindings bindings;
  bindings.leaves["x"] = {1, -2, 0.5};
  EXPECT_EQ(output(g, bindings, "first"), (std::vector<double>{4, -32, 0.5}));
  EXPECT_EQ(output(g, bindings, "second"), (std::vector<double>{12, 48, 3}));
  EXPECT_EQ(output(g, bindings, "third"), (std::vector<double>{24, -48, 12}));
}

TEST(Differentiate, WithRespectToAnIntermediateValue) {
  Graph g;
  const Tensor x = g.parameter("x", {}, zeros());
  const Tensor y = x * x;
  g.output("dy", grad(y * y + x, y));
  eval::Bindings bindings;
  bindings.leaves["x"] = {3};
  EXPECT_EQ(output(g, bindings, "dy"), std::vector<double>{18});
}

// Two nodes that compute the same are two x.
TEST(Differentiate, EqualNodesAreDistinct) {
  Graph g;
  const Tensor x = g.parameter("x", {}, zeros());
  const Tensor a = x * x, b = x * x;
  g.output("da", grad(a + 3 * b, a));
  eval::Bindings bindings;
  bindings.leaves["x"] = {3};
  EXPECT_EQ(output(g, bindings, "da"), std::vector<double>{1});
}

// da and db share their cotangent, 2 (a + b); of da * da + db, only da is an x.
TEST(Differentiate, GradientsThatShareAValueAreDistinct) {
  Graph g;
  const Tensor a = g.parameter("a", {}, zeros()), b = g.parameter("b", {}, zeros());
  const Tensor total = a + b, loss = total * total;
  const Tensor da = grad(loss, a), db = grad(loss, b);
  g.output("dd", grad(da * da + db, da));
  eval::Bindings bindings;
  bindings.leaves["a"] = {1};
  bindings.leaves["b"] = {2};
  EXPECT_EQ(output(g, bindings, "dd"), std::vector<double>{12});
}

TEST(Differentiate, ZeroWithoutAPath) {
  Graph g;
  const Tensor x = g.parameter("x", {2}, zeros()), y = g.parameter("y", {2}, zeros());
  g.output("dy", grad(sum(x * detach(y)), y));
  eval::Bindings bindings;
  bindings.leaves["x"] = bindings.leaves["y"] = {1, 2};
  EXPECT_EQ(output(g, bindings, "dy"), (std::vector<double>{0, 0}));
}

TEST(Differentiate, NodesLieWhereTheForwardOnesDo) {
  const Graph graph = differentiate(ir::parse_one(R"(graph @g {
    file "m.cpp"
    %x = parameter f32[3] constant(0) loc("m.cpp":1:1)
    %1 = tanh %x : f32[3] loc("m.cpp":2:2)
    %2 = sum %1 over [0] : f32[] loc("m.cpp":3:3)
    %3 = gradient %2 %x : f32[3] loc("m.cpp":4:4)
    output "dx" %3
  })"));
  EXPECT_EQ(graph.files.size(), 1u);
  for (const Node& node : graph.nodes) {
    if (node.op == op_of<Mul> || node.op == op_of<Sub>) {
      EXPECT_EQ(node.location.line, 2);
    }
  }
}

// One sweep serves all parameters: the tanh's derivative is there once.
TEST(Differentiate, OneSweepALoss) {
  Graph g;
  const Tensor x = g.parameter("x", {3}, zeros()), y = g.parameter("y", {3}, zeros());
  const Tensor loss = sum(tanh(x * y));
  g.output("dx", grad(loss, x));
  g.output("dy", grad(loss, y));
  EXPECT_EQ(count(differentiate(g), op_of<Sub>), 1);
}

}  // namespace
}  // namespace gradc::passes
