#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    const Tensor w = g.parameter("w", {16, 4}, zeros());
#else
    const Tensor w = g.parameter("w", {17, 4}, zeros());
#endif
    g.output("y", matmul(x, w));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{matmul contracts dimensions of different size: 16 and 17}}
// expected-note@6 {{left operand is [8, 16]}}
// expected-note@10 {{right operand is [17, 4]}}
