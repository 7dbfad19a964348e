#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    const Dim width = 1;
#else
    const Dim width = 0;
#endif
    g.output("y", g.input("x", {8, width}) * 2);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{a dimension is at least 1, not 0}}
