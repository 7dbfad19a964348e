#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  static constexpr Tensor helper(Tensor x) {
#ifdef LEGAL
    return reshape(x, {16, 8});
#else
    return reshape(x, {16, 9});
#endif
  }

  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
    g.output("y", helper(x));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@9 {{reshape keeps the number of elements: [8, 16] has 128 and [16, 9] has 144}}
// expected-note@14 {{operand is [8, 16]}}
