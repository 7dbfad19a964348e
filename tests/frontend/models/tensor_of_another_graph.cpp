#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    Graph& other = g;
#else
    Graph other;
#endif
    const Tensor x = g.input("x", {8, 16});
    const Tensor w = other.parameter("w", {16}, zeros());
    g.output("y", x + w);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{this tensor belongs to another graph}}
