#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
    const int sizes[] = {4, 8};
    int last = 0;
#ifdef LEGAL
    for (int i = 0; i < 2; ++i) last = sizes[i];
#else
    for (int i = 0; i <= 2; ++i) last = sizes[i];
#endif
    g.output("y", g.parameter("w", {last}, zeros()));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{read of dereferenced one-past-the-end pointer is not allowed in a constant expression}}
// expected-note@17 {{while the model is declared here}}
