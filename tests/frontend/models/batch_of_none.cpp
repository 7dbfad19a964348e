#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    const Dim batch = g.batch(1);
#else
    const Dim batch = g.batch(0);
#endif
    g.output("y", g.input("x", {batch, 2}));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@9 {{a batch is at least 1, not 0}}
