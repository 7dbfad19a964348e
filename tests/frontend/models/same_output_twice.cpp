#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    g.output("y", x);
#ifdef LEGAL
    g.output("z", x);
#else
    g.output("y", x);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{two outputs are called "y"}}
// expected-note@7 {{the first is declared here}}
