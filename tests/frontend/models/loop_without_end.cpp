// flags: --max-steps 200000
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

// expected-error@11 {{declaring the model takes more than 200000 steps, the bound set by --max-steps}}
// expected-note@17 {{while the model is declared here}}
