// A. Karpathy's microgpt (2026): the smallest GPT, names as in makemore_transformer.cpp. Names are
// shorter than the block, so several share a row, and none sees another.
#include <gradc/dsl.h>
using namespace gradc;

struct MicroGpt {
  Dim vocab = GRADC_OPTION(VOCAB, 27), block = GRADC_OPTION(BLOCK, 16);
  Dim layers = GRADC_OPTION(LAYERS, 1), heads = GRADC_OPTION(HEADS, 4);
  Dim width = GRADC_OPTION(WIDTH, 16), batch_size = GRADC_OPTION(BATCH, 8);

  constexpr void declare(Graph& g) const {
    g.config("n_head", heads);
    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);
    const Tensor weight = g.input("weight", {batch, time});
    const Tensor position = g.tokens("position", {batch, time}, block);

    const nn::LinearOptions plain{.bias = false, .weight = normal(0.08)};
    const nn::NormOptions bare{.gain = false};
    Tensor x = nn::embedding(g / "wte", tokens, vocab, width, normal(0.08)) +
               nn::embedding(g / "wpe", position, block, width, normal(0.08));
    x = nn::rms_norm(g, x, bare);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      const Scope scope = g / "layer" / to_text(layer);
      x = x + nn::self_attention(scope / "attention", nn::rms_norm(scope, x, bare),
                                 {.heads = heads,
                                  .visibility = {.causal = true, .position = position},
                                  .projection = plain,
                                  .output = plain});
      x = x + nn::mlp(
                  scope / "mlp", nn::rms_norm(scope, x, bare), {4 * width.size, width},
                  [](Tensor hidden) { return relu(hidden); }, plain);
    }
    const Tensor logits = nn::linear(g / "lm_head", x, vocab, plain);

    g.output("logits", logits);
    g.steps = 1000;
    g.minimize(nn::cross_entropy(logits, target, {.weight = weight}),
               adam({.learning_rate = 0.01,
                     .beta1 = 0.85,
                     .beta2 = 0.99,
                     .schedule = schedule::linear(1)}));
    g.dataset(items({.window = block}));
  }
};

GRADC_MODEL(microgpt, MicroGpt{});
