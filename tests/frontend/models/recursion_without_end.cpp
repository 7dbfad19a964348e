// flags: --max-depth 100
#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr Tensor layer(Tensor x, int n) const {
#ifdef LEGAL
    return n == 0 ? x : layer(tanh(x), n - 1);
#else
    return layer(tanh(x), n + 1);
#endif
  }

  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    g.output("y", layer(x, 3));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{declaring the model nests more than 100 calls, the bound set by --max-depth}}
// expected-note@10 {{in call to 'this->layer({&graph, 88}, 91)'}}
// expected-note@16 {{in call to 'this->layer({&graph, 0}, 3)'}}
// expected-note@20 {{while the model is declared here}}
