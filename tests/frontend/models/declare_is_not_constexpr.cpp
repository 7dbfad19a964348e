#include <gradc/dsl.h>
using namespace gradc;

struct Model {
#ifdef LEGAL
  constexpr void declare(Graph& g) const {
#else
  void declare(Graph& g) const {
#endif
    const Tensor x = g.input("x", {8, 16});
    g.output("y", x);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@8 {{non-constexpr function 'declare' cannot be used in a constant expression}}
// expected-note@15 {{while the model is declared here}}
