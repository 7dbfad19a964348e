#include <gradc/dsl.h>
#include <cstdio>
using namespace gradc;

struct Model {
  static void hello() { std::puts("hello"); }

  constexpr void declare(Graph& g) const {
#ifdef LEGAL
#else
    hello();
#endif
    g.output("y", g.constant(1));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{non-constexpr function 'hello' cannot be used in a constant expression}}
// expected-note@6 {{declared here}}
// expected-note@17 {{while the model is declared here}}
