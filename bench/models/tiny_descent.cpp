// The expression `tiny` of models/micrograd.cpp in a chain: each step's inputs depend on the last
// step's gradient, so that nothing can be computed ahead.
#include <gradc/dsl.h>
using namespace gradc;

struct TinyDescent {
  constexpr void declare(Graph& graph) const {
    graph.use_f64();
    const Tensor a = graph.parameter("a", {}, constant(-41));
    const Tensor b = graph.parameter("b", {}, constant(2));

    const Tensor c = a + b;
    const Tensor d = a * b + b * b * b;
    const Tensor e = c - d;
    const Tensor g = e * e / 2;

    graph.output("g", g);
    graph.minimize(g, sgd({.learning_rate = 1e-9}));
  }
};

GRADC_MODEL(tiny_descent, TinyDescent{});
