#include <gradc/dsl.h>
using namespace gradc;

struct Model {
  constexpr void declare(Graph& g) const {
#ifdef LEGAL
    const Dim large = std::int64_t{1} << 10;
#else
    const Dim large = std::int64_t{1} << 32;
#endif
    const Tensor x = g.parameter("x", {large, large, 2}, zeros());
    g.output("y", sum(x));
  }
};

GRADC_MODEL(model, Model{});

// expected-error@11 {{a tensor of shape [4294967296, 4294967296, 2] has more than 2^40 elements}}
