// The transformer of A. Karpathy's makemore (2022): names, one character after the other.
#include <gradc/dsl.h>
using namespace gradc;

struct MakemoreTransformer {
  Dim vocab = GRADC_OPTION(VOCAB, 27), block = GRADC_OPTION(BLOCK, 16);
  Dim layers = GRADC_OPTION(LAYERS, 4), heads = GRADC_OPTION(HEADS, 4);
  Dim width = GRADC_OPTION(WIDTH, 64), batch_size = GRADC_OPTION(BATCH, 32);

  constexpr void declare(Graph& g) const {
    g.config("n_head", heads);
    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);
    const Tensor weight = g.input("weight", {batch, time});

    Tensor x = nn::embedding(g / "wte", tokens, vocab, width, normal(0.02)) +
               nn::positions(g / "wpe", time, block, width);
    for (std::int64_t layer = 0; layer < layers; ++layer)
      x = nn::gpt_block(g / "h" / to_text(layer), x, {.heads = heads});
    const Tensor logits = nn::linear(g / "lm_head", nn::layer_norm(g / "ln_f", x), vocab,
                                     {.bias = false, .weight = normal(0.02)});

    g.output("logits", logits);
    g.steps = 20'000;
    g.minimize(nn::cross_entropy(logits, target, {.weight = weight}),
               adamw({.learning_rate = 5e-4, .beta2 = 0.99, .weight_decay = 0.01}));
    g.dataset(items({.window = block}));
  }
};

GRADC_MODEL(makemore_transformer, MakemoreTransformer{});
