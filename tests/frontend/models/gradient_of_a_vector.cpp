#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    g.output("dx", grad(sum(x * x), x));
#else
    g.output("dx", grad(x * x, x));
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{the gradient is that of a scalar, found [8, 16]}}
// expected-note@10 {{left operand is [8, 16]}}
// expected-note@6 {{right operand is [8, 16]}}
