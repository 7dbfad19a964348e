#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    g.output("y", g.input("x", {8, 16}));
#ifdef LEGAL
    g.config("n_head", 1);
#else
    g.config("n_head", 0);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{a number of config.json is at least 1, not 0}}
