#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    const Tensor w = g.parameter("w", {16}, zeros());
#ifdef LEGAL
    g.minimize(sum(x * w), sgd());
#else
    g.minimize(sum(x * w, {1}), sgd());
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{a loss is a scalar, found [8]}}
// expected-note@11 {{the loss is computed here}}
