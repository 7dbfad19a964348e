#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {8, 16});
#ifdef LEGAL
    g.output("two words", x);
#else
    g.output("two\nlines", x);
#endif
  }
};

GRADC_MODEL(model, Model{});

// expected-error@10 {{a name is one or more printable ASCII characters other than " and \}}
