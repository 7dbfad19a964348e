// GPT-2: A. Radford et al. (2019), "Language models are unsupervised multitask learners".
// Parameters have the names and the orientation in which they were published. The sizes are those
// of the smallest; the others are
//   -DLAYERS=24 -DHEADS=16 -DWIDTH=1024     -DLAYERS=36 -DHEADS=20 -DWIDTH=1280
//   -DLAYERS=48 -DHEADS=25 -DWIDTH=1600
#include <gradc/dsl.h>
using namespace gradc;

struct Gpt2 {
  Dim vocab = GRADC_OPTION(VOCAB, 50'257), positions = GRADC_OPTION(POSITIONS, 1024);
  Dim layers = GRADC_OPTION(LAYERS, 12), heads = GRADC_OPTION(HEADS, 12);
  Dim width = GRADC_OPTION(WIDTH, 768);
  Dim block = GRADC_OPTION(BLOCK, 1024), batch_size = GRADC_OPTION(BATCH, 4);

  constexpr void declare(Graph& g) const {
    // As config.json calls them.
    g.config("vocab_size", vocab), g.config("n_positions", positions);
    g.config("n_layer", layers), g.config("n_head", heads), g.config("n_embd", width);

    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);

    const Tensor table = g.parameter("wte/weight", {vocab, width}, normal(0.02));
    Tensor x = gather(table, tokens) + nn::positions(g / "wpe", time, positions, width);
    const double depth = nn::square_root(2 * static_cast<double>(layers.size));
    for (std::int64_t layer = 0; layer < layers; ++layer)
      x = nn::gpt_block(g / "h" / to_text(layer), x,
                        {.heads = heads, .projection = normal(0.02 / depth)});
    const Tensor logits = matmul(nn::layer_norm(g / "ln_f", x), transpose(table));

    g.output("logits", logits);
    g.steps = 1000;
    g.minimize(nn::cross_entropy(logits, target),
               grouped(matrices, adamw({.learning_rate = 6e-4, .beta2 = 0.95, .weight_decay = 0.1}),
                       adam({.learning_rate = 6e-4, .beta2 = 0.95})));
    g.dataset(text({.window = block}));
  }
};

GRADC_MODEL(gpt2, Gpt2{});
