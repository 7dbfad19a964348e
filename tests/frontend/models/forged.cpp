#include <gradc/dsl.h>
using namespace gradc;

#ifdef LEGAL
struct Model {
  constexpr void declare(Graph& g) const { g.output("y", g.constant(1)); }
};
GRADC_MODEL(model, Model{});
#else
// Another format than this gradc's.
[[clang::annotate("gradc.model")]] constexpr FrozenModel<3, 0, 1> forged{{-1, 5, 1'000'000'000}, {}, {}};
// No arrays at all.
[[clang::annotate("gradc.model")]] constexpr int number = 3;
#endif

// expected-error@11 {{the model is in the format of another gradc}}
// expected-error@13 {{not declared with GRADC_MODEL of this gradc}}
