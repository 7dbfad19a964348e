#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    const Tensor w = g.parameter("w", {16}, zeros());
    const Tensor loss = sum(x * w);
    g.minimize(loss, sgd());
#ifdef LEGAL
#else
    g.minimize(loss + 1, sgd());
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{a model minimizes one loss}}
