#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    g.output("y", x);
#else
    (void)x;
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@15 {{the model has no output}}
