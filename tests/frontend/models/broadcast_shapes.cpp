#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    const Tensor b = g.parameter("b", {16}, zeros());
#else
    const Tensor b = g.parameter("b", {8}, zeros());
#endif
    g.output("y", x + b);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{cannot broadcast [8, 16] with [8]}}
// expected-note@6 {{left operand is [8, 16]}}
// expected-note@10 {{right operand is [8]}}
