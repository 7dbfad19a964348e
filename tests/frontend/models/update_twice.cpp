#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor count = g.state("count", {}, zeros());
    g.update(count, count + 1);
#ifdef LEGAL
#else
    g.update(count, count + 2);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{"count" is updated twice}}
// expected-note@7 {{the first update is here}}
