// Optimizers: the parameters after some steps, by the formulas of the papers.
#include <eval/interpret.h>
#include <gradc/dsl.h>
#include <gtest/gtest.h>
#include <passes/differentiate.h>

#include <cmath>

namespace gradc {
namespace {

constexpr int kSteps = 4;

// The scalars "a" and "b" after training sum(a^2) / 2 + b^3 / 3 from 1 and 2, so that their
// gradients are a and b^2.
struct Pair {
  double a = 1, b = 2;
};

template <class Optimizer>
Pair trained(const Optimizer& optimizer, double rate_of_settings = -1) {
  Graph g;
  g.name = "optimized";
  g.use_f64();
  const Tensor a = g.parameter("a", {}, constant(1)), b = g.parameter("b", {}, constant(2));
  g.minimize(0.5 * a * a + (1. / 3) * b * b * b, optimizer);
  const Graph graph = passes::differentiate(g);
  eval::Bindings bindings;
  if (rate_of_settings >= 0) bindings.leaves["learning_rate"] = {rate_of_settings};
  for (int step = 0; step < kSteps; ++step)
    eval::apply_updates(graph, eval::interpret(graph, bindings), bindings);
  return {bindings.leaves.at("a").front(), bindings.leaves.at("b").front()};
}

constexpr double slope_of_a(double a) { return a; }
constexpr double slope_of_b(double b) { return b * b; }

double by_adam(double p, double slope(double), const AdamOptions& o) {
  double m = 0, v = 0;
  for (int t = 1; t <= kSteps; ++t) {
    const double g = slope(p);
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * g * g;
    const double mean = m / (1 - std::pow(o.beta1, t)), square = v / (1 - std::pow(o.beta2, t));
    p -= o.learning_rate * (mean / (std::sqrt(square) + o.epsilon) + o.weight_decay * p);
  }
  return p;
}

double by_sgd(double p, double slope(double), const SgdOptions& o) {
  double v = 0;
  for (int t = 1; t <= kSteps; ++t) {
    v = o.momentum * v + slope(p) + o.weight_decay * p;
    p -= o.learning_rate * v;
  }
  return p;
}

constexpr auto is_a = [](std::string_view name, const Shape&) { return name == "a"; };

TEST(Optimizers, Adam) {
  const AdamOptions options{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.02};
  const Pair found = trained(adam(options));
  EXPECT_NEAR(found.a, by_adam(1, slope_of_a, options), 1e-12);
  EXPECT_NEAR(found.b, by_adam(2, slope_of_b, options), 1e-12);
}

TEST(Optimizers, Sgd) {
  const SgdOptions options{.learning_rate = 0.05, .momentum = 0.7, .weight_decay = 0.1};
  const Pair found = trained(sgd(options));
  EXPECT_NEAR(found.a, by_sgd(1, slope_of_a, options), 1e-12);
  EXPECT_NEAR(found.b, by_sgd(2, slope_of_b, options), 1e-12);
}

// Each has its own numbers, though they share what they can.
TEST(Optimizers, TwoOfOneKind) {
  AdamOptions first{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.9};
  AdamOptions second{.learning_rate = 0.02, .beta1 = 0.7, .beta2 = 0.9};
  const auto both = grouped(is_a, adam(first), adam(second));
  Pair found = trained(both);
  EXPECT_NEAR(found.a, by_adam(1, slope_of_a, first), 1e-12);
  EXPECT_NEAR(found.b, by_adam(2, slope_of_b, second), 1e-12);
  // Half the rate of the first is half that of the second.
  found = trained(both, 0.05);
  first.learning_rate = 0.05, second.learning_rate = 0.01;
  EXPECT_NEAR(found.a, by_adam(1, slope_of_a, first), 1e-12);
  EXPECT_NEAR(found.b, by_adam(2, slope_of_b, second), 1e-12);
}

TEST(Optimizers, TwoOfTwoKinds) {
  const AdamOptions first{.learning_rate = 0.1};
  const SgdOptions second{.learning_rate = 0.02, .momentum = 0.5};
  const Pair found = trained(grouped(is_a, adam(first), sgd(second)));
  EXPECT_NEAR(found.a, by_adam(1, slope_of_a, first), 1e-12);
  EXPECT_NEAR(found.b, by_sgd(2, slope_of_b, second), 1e-12);
}

}  // namespace
}  // namespace gradc
