#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    g.output("y", x);
  }
};

namespace a {
GRADC_MODEL(model, Model{});
}
namespace b {
#ifdef LEGAL
GRADC_MODEL(other, Model{});
#else
GRADC_MODEL(model, Model{});
#endif
}

// expected-error@18 {{two models are called "model"}}
// expected-note@12 {{the first is declared here}}
