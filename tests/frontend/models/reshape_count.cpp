#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    g.output("y", reshape(x, {4, 32}));
#else
    g.output("y", reshape(x, {4, 30}));
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{reshape keeps the number of elements: [8, 16] has 128 and [4, 30] has 120}}
// expected-note@6 {{operand is [8, 16]}}
