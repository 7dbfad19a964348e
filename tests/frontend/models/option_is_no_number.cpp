// flags: -DWIDTH=wide
#include <gradc/dsl.h>
#ifdef LEGAL
constexpr int wide = 1;
#endif
using namespace gradc;

struct Model {
#ifdef LEGAL
  Dim width = 8;
  Dim depth = WIDTH;
#else
  Dim width = GRADC_OPTION(WIDTH, 8);
#endif

  constexpr void declare(Graph& g) const {
    g.output("y", g.input("x", {width}));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@13 {{the option WIDTH is a whole number of at most 12 digits, found "wide"}}
