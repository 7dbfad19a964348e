#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    const Tensor w = g.parameter("w", {16, 4}, zeros());
#ifdef LEGAL
    const Tensor y = matmul(x, w);
    const Tensor v = g.parameter("v", {4}, zeros());
    g.output("z", tanh(y + v));
    g.output("r", reshape(x, {128}));
#else
    const Tensor y = matmul(w, x);
    const Tensor v = g.parameter("w", {4}, zeros());
    g.output("z", tanh(y + v));
    g.output("r", reshape(x, {127}));
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@14 {{matmul contracts dimensions of different size: 4 and 8}}
// expected-note@7 {{left operand is [16, 4]}}
// expected-note@6 {{right operand is [8, 16]}}
// expected-error@15 {{two tensors are called "w"}}
// expected-note@7 {{the first is declared here as parameter}}
// expected-error@17 {{reshape keeps the number of elements: [8, 16] has 128 and [127] has 127}}
// expected-note@6 {{operand is [8, 16]}}
