#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(2), time = g.time(8);
#ifdef LEGAL
    const Tensor x = g.input("x", {batch, time, 12});
#else
    const Tensor x = g.input("x", {time, batch, 12});
#endif
    g.output("y", nn::self_attention(g / "attention", x, {.heads = 2}));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{attention runs along the second axis, but in [time=8, batch=2, 2, 6] the first one is the time: declare [batch, time, ...]}}
