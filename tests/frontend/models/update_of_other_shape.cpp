#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    const Tensor total = g.state("total", {16}, zeros());
#ifdef LEGAL
    g.update(total, total + sum(x, {0}));
#else
    g.update(total, total + x);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{an update keeps the shape: "total" is [16], its update [8, 16]}}
// expected-note@7 {{"total" is declared here}}
