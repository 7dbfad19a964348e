#include <gradc/dsl.h>
using namespace gradc;

// The optimizer is evaluated for "a" alone; "b" is updated like it.
struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor a = g.parameter("a", {4}, zeros()), b = g.parameter("b", {4}, zeros());
#ifdef LEGAL
    g.state("c/first_moment", {4}, zeros());
#else
    g.state("b/first_moment", {4}, zeros());
#endif
    g.minimize(sum(a * b), adam());
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{two tensors are called "b/first_moment"}}
// expected-note@11 {{the first is declared here as state}}
