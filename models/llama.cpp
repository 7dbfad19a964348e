// A small transformer of the LLaMA family: RMS normalisation (Zhang and Sennrich, 2019), rotary
// positions (Su et al., 2021), SwiGLU (Shazeer, 2020), heads that share keys and values (Ainslie et
// al., 2023), as in H. Touvron et al. (2023).
#include <gradc/dsl.h>
using namespace gradc;

struct Llama {
  Dim vocab = GRADC_OPTION(VOCAB, 65), block = GRADC_OPTION(BLOCK, 128);
  Dim layers = GRADC_OPTION(LAYERS, 4), heads = GRADC_OPTION(HEADS, 8);
  Dim groups = GRADC_OPTION(GROUPS, 2), width = GRADC_OPTION(WIDTH, 256);
  Dim hidden = GRADC_OPTION(HIDDEN, 688), batch_size = GRADC_OPTION(BATCH, 16);

  constexpr void declare(Graph& g) const {
    // As config.json calls what the shapes of weights do not tell.
    g.config("num_attention_heads", heads), g.config("num_key_value_heads", groups);

    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);

    const nn::LinearOptions plain{.bias = false, .weight = normal(0.02)};
    Tensor x = nn::embedding(g / "embed", tokens, vocab, width, normal(0.02));
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      const Scope scope = g / "layers" / to_text(layer);
      x = x + nn::self_attention(scope / "attention", nn::rms_norm(scope / "attention_norm", x),
                                 {.heads = heads,
                                  .groups = groups,
                                  .visibility = {.causal = true},
                                  .rotary = 10'000,
                                  .projection = plain,
                                  .output = plain});
      const Tensor y = nn::rms_norm(scope / "mlp_norm", x);
      const Tensor gate = nn::silu(nn::linear(scope / "gate", y, hidden, plain));
      x = x + nn::linear(scope / "down", gate * nn::linear(scope / "up", y, hidden, plain), width,
                         plain);
    }
    const Tensor logits = nn::linear(g / "head", nn::rms_norm(g / "norm", x), vocab, plain);

    g.output("logits", logits);
    g.steps = 5000;
    g.minimize(nn::cross_entropy(logits, target),
               clipped(1, adamw({.learning_rate = 1e-3,
                                 .beta2 = 0.95,
                                 .weight_decay = 0.1,
                                 .schedule = schedule::cosine(100, 0.1)})));
    g.dataset(text({.window = block}));
  }
};

GRADC_MODEL(llama, Llama{});
