#include <gradc/dsl.h>
using namespace gradc;

// The optimizer is evaluated for "a" alone; "b" and "c" are updated like it.
struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor a = g.parameter("a", {4}, zeros()), b = g.parameter("b", {4}, zeros());
    const Tensor c = g.parameter("c", {4}, zeros());
#ifdef LEGAL
#else
    g.update(b, b + 1);
#endif
    g.minimize(sum(a * b * c), sgd());
#ifdef LEGAL
#else
    g.update(c, c + 1);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{"b" is updated twice}}
// expected-note@11 {{the first update is here}}
// expected-error@16 {{"c" is updated twice}}
// expected-note@13 {{the first update is here}}
