// flags: --max-seconds 10
#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    std::int64_t n = 0;
#ifdef LEGAL
    while (n < 100) ++n;
#else
    while (n >= 0) n ^= 1;
#endif
    g.output("y", g.constant(static_cast<double>(n)));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@17 {{declaring the model takes more than 10 seconds, the bound set by --max-seconds}}
