#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const int* all = new int[10]{};
    g.output("y", g.constant(all[0]));
#ifdef LEGAL
    delete[] all;
#else
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@6 {{allocation performed here was not deallocated}}
// expected-note@15 {{while the model is declared here}}
