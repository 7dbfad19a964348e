#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    g.output("y", slice(x, 1, 8, 8));
#else
    g.output("y", slice(x, 1, 9, 8));
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{slice of 8 from 9 does not fit axis 1 of [8, 16]}}
// expected-note@6 {{operand is [8, 16]}}
