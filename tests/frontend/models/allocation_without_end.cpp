// flags: --max-megabytes 500
#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    Text all = "x";
#ifdef LEGAL
    all += "y";
#else
    while (true) all += Text(all);
#endif
    g.output("y", g.constant(static_cast<double>(all.size())));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@17 {{declaring the model takes more than 500 megabytes, the bound set by --max-megabytes}}
