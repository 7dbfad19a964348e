// The expression `tiny` of models/micrograd.cpp at many points, none of which depends on another.
#include <gradc/dsl.h>
using namespace gradc;

struct TinyPoints {
  Dim points = GRADC_OPTION(POINTS, 100'000);

  constexpr void declare(Graph& graph) const {
    graph.use_f64();
    const Tensor a = graph.parameter("a", {points}, normal(1));
    const Tensor b = graph.parameter("b", {points}, normal(1));

    const Tensor c = a + b;
    const Tensor d = a * b + b * b * b;
    const Tensor e = c - d;
    const Tensor g = e * e / 2;

    graph.minimize(sum(g), sgd({.learning_rate = 1e-9}));
  }
};

GRADC_MODEL(tiny_points, TinyPoints{});
