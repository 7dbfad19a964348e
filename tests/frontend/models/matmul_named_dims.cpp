#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Dim inputs(16, "inputs"), hidden(20, "hidden");
    const Tensor x = g.input("x", {8, inputs});
#ifdef LEGAL
    const Tensor w = g.parameter("w", {inputs, hidden}, zeros());
#else
    const Tensor w = g.parameter("w", {hidden, hidden}, zeros());
#endif
    g.output("y", matmul(x, w));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{matmul contracts dimensions of different size: inputs=16 and hidden=20}}
// expected-note@7 {{left operand is [8, inputs=16]}}
// expected-note@11 {{right operand is [hidden=20, hidden=20]}}
