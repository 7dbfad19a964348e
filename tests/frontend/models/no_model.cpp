#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    g.output("y", x);
  }
};

#ifdef LEGAL
GRADC_MODEL(model, Model{});
#else
constexpr Model model;
#endif

// expected-error@0 {{no model; GRADC_MODEL(name, value) declares one}}
