#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor a = g.parameter("w", {4}, zeros());
#ifdef LEGAL
    const Tensor b = g.parameter("v", {4}, zeros());
#else
    const Tensor b = g.parameter("w", {4}, zeros());
#endif
    g.output("y", a + b);
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{two tensors are called "w"}}
// expected-note@6 {{the first is declared here as parameter}}
