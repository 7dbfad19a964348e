// A multilayer perceptron of any depth, for the time that it takes to compile it.
#include <gradc/dsl.h>
using namespace gradc;

struct DeepMlp {
  std::int64_t layers = GRADC_OPTION(LAYERS, 1);
  Dim width = GRADC_OPTION(WIDTH, 128), batch_size = GRADC_OPTION(BATCH, 32);

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(batch_size);
    Tensor x = g.input("x", {batch, width});
    for (std::int64_t layer = 0; layer < layers; ++layer)
      x = tanh(nn::linear(g / to_text(layer), x, width));
    g.output("y", x);
    g.minimize(nn::mean_squared_error(x, g.input("target", {batch, width})),
               adam({.learning_rate = 1e-3}));
  }
};

GRADC_MODEL(deep_mlp, DeepMlp{});
