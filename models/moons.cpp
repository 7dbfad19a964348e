// Two moons told apart: the demonstration of A. Karpathy's micrograd (2020), a network of two
// hidden layers and a margin loss, trained on all points at once.
#include <gradc/dsl.h>
using namespace gradc;

struct Moons {
  Dim examples = GRADC_OPTION(EXAMPLES, 100), hidden = GRADC_OPTION(HIDDEN, 16);

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(examples);
    const Tensor features = g.input("features", {batch, 2});
    const Tensor label = g.input("label", {batch});

    const nn::LinearOptions begin{.weight = uniform(-1, 1)};
    const Tensor score =
        reshape(nn::mlp(g / "layer", features, {hidden, hidden, 1}, relu, begin), {batch});

    g.output("score", score);
    g.output("accuracy", mean(less(0, label * score)));
    g.steps = 100;
    g.minimize(nn::hinge(score, label) + 1e-4 * nn::squared_norm(g),
               sgd({.learning_rate = 1, .schedule = schedule::linear(0.9)}));
    g.dataset(moons({.examples = examples, .noise = 0.1}));
  }
};

GRADC_MODEL(moons, Moons{});
