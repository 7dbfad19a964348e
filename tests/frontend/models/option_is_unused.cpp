// flags: -DWIDHT=9
#include <gradc/dsl.h>
using namespace gradc;

struct Model {
#ifdef LEGAL
  Dim width = GRADC_OPTION(WIDHT, 8);
#else
  Dim width = GRADC_OPTION(WIDTH, 8);
#endif

  constexpr void declare(Graph& g) const {
    g.output("y", g.input("x", {width}));
  }
};

GRADC_MODEL(model, Model{});

// expected-warning@0 {{nothing here uses the option WIDHT (-DWIDHT=9)}}
