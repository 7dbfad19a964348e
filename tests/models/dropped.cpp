// A parameter under dropout: its gradient is the mask, so a step of descent writes the mask down.
#include <gradc/dsl.h>
using namespace gradc;

struct Dropped {
  constexpr void declare(Graph& g) const {
    const Tensor y = nn::dropout(g.parameter("p", {10'000}, ones()), 0.2);
    g.output("y", y);
    g.minimize(sum(y), sgd({.learning_rate = 1}));
  }
};

GRADC_MODEL(dropped, Dropped{});
