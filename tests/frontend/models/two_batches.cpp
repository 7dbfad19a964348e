#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(32);
#ifdef LEGAL
    const Dim other = batch;
#else
    const Dim other = g.batch(16);
#endif
    g.output("y", g.input("x", {batch}) + g.input("z", {other}));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{a model has one batch}}
// expected-error@12 {{cannot broadcast [batch=32] with [batch=16]}}
// expected-note@12 {{left operand is [batch=32]}}
// expected-note@12 {{right operand is [batch=16]}}
