#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    g.output("y", g.input("x", {8, 16}));
    g.config("n_head", 2);
#ifdef LEGAL
    g.config("n_layer", 2);
#else
    g.config("n_head", 2);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{two numbers of config.json are called "n_head"}}
// expected-note@7 {{the first is declared here}}
