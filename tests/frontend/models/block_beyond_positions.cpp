#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(2);
#ifdef LEGAL
    const Dim time = g.time(8);
#else
    const Dim time = g.time(9);
#endif
    const Tensor tokens = g.tokens("tokens", {batch, time}, 5);
    g.output("y", nn::embedding(g / "wte", tokens, 5, 4) + nn::positions(g / "wpe", time, 8, 4));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{a block of 9 is longer than its 8 positions}}
