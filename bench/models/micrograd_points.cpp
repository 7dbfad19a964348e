// The expression `micrograd` of models/micrograd.cpp at many points.
#include <gradc/dsl.h>
using namespace gradc;

struct MicrogradPoints {
  Dim points = GRADC_OPTION(POINTS, 4096);

  constexpr void declare(Graph& graph) const {
    graph.use_f64();
    const Tensor a = graph.parameter("a", {points}, normal(1, -4));
    const Tensor b = graph.parameter("b", {points}, normal(1, 2));

    Tensor c = a + b;
    Tensor d = a * b + b * b * b;
    c = c + (c + 1);
    c = c + (1 + c + (-a));
    d = d + (d * 2 + relu(b + a));
    d = d + (3 * d + relu(b - a));
    const Tensor e = c - d;
    const Tensor f = e * e;
    const Tensor g = f / 2 + 10 / f;

    graph.minimize(sum(g), sgd({.learning_rate = 1e-9}));
  }
};

GRADC_MODEL(micrograd_points, MicrogradPoints{});
