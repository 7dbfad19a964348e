// flags: --max-steps 200000
#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    const std::int64_t count = 10;
#else
    const std::int64_t count = 300'000;
#endif
    const int* all = new int[static_cast<std::size_t>(count)]{};
    g.output("y", g.constant(all[0]));
    delete[] all;
  }
};

GRADC_MODEL(model, Model{});

// expected-error@12 {{declaring the model allocates an array of more than 200000 elements, the bound set by --max-steps}}
// expected-note@18 {{while the model is declared here}}
