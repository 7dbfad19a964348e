#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(2), time = g.time(8);
    const Tensor q = g.input("q", {batch, time, 6, 4}), v = g.input("v", {batch, time, 4, 4});
#ifdef LEGAL
    g.output("y", nn::attend(q, slice(v, 2, 0, 3), slice(v, 2, 0, 3)));
#else
    g.output("y", nn::attend(q, v, v));
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{attention shares 4 heads of keys among 6 heads, which is no whole number each}}
