// Scalars with gradients: the expressions of A. Karpathy's micrograd (2020) and of his lecture "The
// spelled-out intro to neural networks and backpropagation" (2022). Nothing is trained; the
// programs print the value and its gradient for each scalar.
#include <gradc/dsl.h>
using namespace gradc;

// The example in micrograd's README: g = 24.7041, dg/da = 138.8338, dg/db = 645.5773.
struct Micrograd {
  constexpr void declare(Graph& graph) const {
    graph.use_f64();
    const Tensor a = graph.parameter("a", {}, constant(-4));
    const Tensor b = graph.parameter("b", {}, constant(2));

    Tensor c = a + b;
    Tensor d = a * b + b * b * b;
    c += c + 1;
    c += 1 + c + (-a);
    d += d * 2 + relu(b + a);
    d += 3 * d + relu(b - a);
    const Tensor e = c - d;
    const Tensor f = e * e;
    Tensor g = f / 2;
    g += 10 / f;

    graph.output("g", g);
    graph.objective(g);
  }
};

// The shortest expression in which a value is used twice.
struct Tiny {
  constexpr void declare(Graph& graph) const {
    graph.use_f64();
    const Tensor a = graph.parameter("a", {}, constant(-41));
    const Tensor b = graph.parameter("b", {}, constant(2));

    const Tensor c = a + b;
    const Tensor d = a * b + b * b * b;
    const Tensor e = c - d;
    const Tensor f = e * e;
    const Tensor g = f / 2;

    graph.output("g", g);
    graph.objective(g);
  }
};

// The lecture's neuron: o = 0.7071 and, for x1, w1, x2, w2, the gradients -1.5, 1, 0.5, 0.
struct Neuron {
  constexpr void declare(Graph& g) const {
    g.use_f64();
    const Tensor x1 = g.parameter("x1", {}, constant(2)), w1 = g.parameter("w1", {}, constant(-3));
    const Tensor x2 = g.parameter("x2", {}, constant(0)), w2 = g.parameter("w2", {}, constant(1));
    const Tensor b = g.parameter("b", {}, constant(6.8813735870195432));

    const Tensor o = tanh(x1 * w1 + x2 * w2 + b);

    g.output("o", o);
    g.objective(o);
  }
};

GRADC_MODEL(micrograd, Micrograd{});
GRADC_MODEL(tiny, Tiny{});
GRADC_MODEL(neuron, Neuron{});
