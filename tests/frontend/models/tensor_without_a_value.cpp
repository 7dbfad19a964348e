#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    Tensor y;
#ifdef LEGAL
    y = tanh(x);
#endif
    g.output("y", x + y);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{this tensor was never given a value}}
// expected-note@15 {{while the model is declared here}}
