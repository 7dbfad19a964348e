#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    const std::int64_t heads = 4;
#else
    const std::int64_t heads = 5;
#endif
    const Dim batch = g.batch(2), time = g.time(8);
    const Tensor x = g.input("x", {batch, time, 12});
    g.output("y", nn::self_attention(g / "attention", x, {.heads = heads}));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{a width of 12 is not divided by 5 heads}}
