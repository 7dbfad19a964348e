#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    const Tensor count = g.state("count", {8, 16}, zeros());
#ifdef LEGAL
    g.update(count, x + 1);
#else
    g.update(x, count + 1);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{only a parameter or a state can be updated}}
// expected-note@6 {{this is neither}}
