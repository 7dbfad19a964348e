#include "passes/tangent.h"

#include "eval/random_bindings.h"
#include "graphs/generate.h"
#include "passes/differentiate.h"
#include "passes/simplify.h"
#include "values.h"

namespace gradc::passes {
namespace {

// Forward and reverse mode agree: d loss along u is the sum of <gradient of p, u_p>.
TEST(Tangent, AgreesWithGradients) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Graph declared = graphs::generate(seed, {.gradients = false});
    if (declared.loss < 0) continue;
    const Graph plain = declared;
    std::vector<Leaf> moving;
    for (const Leaf& leaf : plain.leaves)
      if (plain[leaf.node].type.real() &&
          (leaf.role == Role::kParameter || leaf.role == Role::kInput))
        moving.push_back(leaf);
    for (const Leaf& leaf : moving)
      declared.output("gradient/" + leaf.name,
                      grad(Tensor{&declared, plain.loss}, Tensor{&declared, leaf.node}));
    const Graph reverse = differentiate(declared);
    const Graph forward = tangent(differentiate(plain));
    const eval::Bindings bindings = eval::random_bindings(forward, seed);
    const eval::Values values = eval::interpret(reverse, bindings);
    double wanted = 0;
    for (const Leaf& leaf : moving) {
      const std::string name = leaf.name.str();
      const std::vector<double>& u = bindings.leaves.at(name + ".tangent");
      const eval::Array& g = eval::output_of(reverse, values, "gradient/" + name);
      for (std::size_t i = 0; i < u.size(); ++i) wanted += g.elements[i] * u[i];
    }
    if (!std::isfinite(wanted)) continue;
    const double found =
        eval::output_of(forward, eval::interpret(forward, bindings), "loss.tangent").elements[0];
    EXPECT_NEAR(found, wanted, 1e-10 * (1 + std::abs(wanted))) << "seed " << seed << "\n"
                                                               << ir::print(plain);
    expect_same_values(simplify(forward), forward, bindings);
    if (HasFailure()) return;
    ++compared;
  }
  EXPECT_GT(compared, 200);
}

TEST(Tangent, NamesAndStillLeaves) {
  Graph g;
  const Tensor x = g.input("x", {3}), s = g.state("s", {3}, ones());
  const Tensor w = g.parameter("w", {3}, zeros());
  g.output("y", x * w + s);
  g.output("still", s * 2);
  g.update(s, s + 1);
  const Graph graph = simplify(tangent(g));
  EXPECT_GE(graph.find_leaf("x.tangent"), 0);
  EXPECT_GE(graph.find_leaf("w.tangent"), 0);
  EXPECT_LT(graph.find_leaf("s.tangent"), 0);
  EXPECT_TRUE(graph.updates.empty());
  eval::Bindings bindings;
  bindings.leaves = {
      {"x", {1, 2, 3}}, {"w", {4, 5, 6}}, {"x.tangent", {1, 0, 0}}, {"w.tangent", {0, 1, 1}}};
  const eval::Values values = eval::interpret(graph, bindings);
  EXPECT_EQ(eval::output_of(graph, values, "y.tangent").elements, (std::vector<double>{4, 2, 3}));
  EXPECT_EQ(eval::output_of(graph, values, "still.tangent").elements,
            (std::vector<double>{0, 0, 0}));
}

}  // namespace
}  // namespace gradc::passes
