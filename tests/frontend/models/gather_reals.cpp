#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor table = g.parameter("table", {27, 10}, normal(1));
#ifdef LEGAL
    const Tensor index = g.tokens("index", {8}, 27);
#else
    const Tensor index = g.input("index", {8});
#endif
    g.output("y", gather(table, index));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{gather takes i32 indices, found f32[8]}}
// expected-note@6 {{left operand is [27, 10]}}
// expected-note@10 {{right operand is [8]}}
