// A GPT at the level of characters, as in A. Karpathy's lecture "Let's build GPT: from scratch, in
// code, spelled out" (2023).
#include <gradc/dsl.h>
using namespace gradc;

struct Gpt {
  Dim vocab = GRADC_OPTION(VOCAB, 65), block = GRADC_OPTION(BLOCK, 256);
  Dim layers = GRADC_OPTION(LAYERS, 6), heads = GRADC_OPTION(HEADS, 6);
  Dim width = GRADC_OPTION(WIDTH, 384), batch_size = GRADC_OPTION(BATCH, 64);
  // In percent: 20 leaves out a fifth.
  std::int64_t dropout = GRADC_OPTION(DROPOUT, 20);

  constexpr void declare(Graph& g) const {
    g.config("n_head", heads);
    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);

    Tensor x = nn::embedding(g / "wte", tokens, vocab, width, normal(0.02)) +
               nn::positions(g / "wpe", time, block, width);
    for (std::int64_t layer = 0; layer < layers; ++layer)
      x = nn::gpt_block(g / "h" / to_text(layer), x,
                        {.heads = heads,
                         .dropout = 0.01 * static_cast<double>(dropout),
                         .attention_bias = false,
                         .relu = true});
    const Tensor logits =
        nn::linear(g / "lm_head", nn::layer_norm(g / "ln_f", x), vocab, {.weight = normal(0.02)});

    g.output("logits", logits);
    g.steps = 5000;
    g.minimize(nn::cross_entropy(logits, target),
               adamw({.learning_rate = 3e-4, .weight_decay = 0.01}));
    g.dataset(text({.window = block}));
  }
};

GRADC_MODEL(gpt, Gpt{});
