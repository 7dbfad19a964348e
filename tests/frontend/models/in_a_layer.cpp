#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    const Tensor labels = g.input("labels", {8, 16});
#else
    const Tensor labels = g.input("labels", {8, 15});
#endif
    g.output("y", nn::mean_squared_error(x, labels));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{cannot broadcast [8, 16] with [8, 15]}}
// expected-note@6 {{left operand is [8, 16]}}
// expected-note@10 {{right operand is [8, 15]}}
