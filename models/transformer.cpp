// The encoder-decoder of A. Vaswani et al. (2017), "Attention is all you need". The paper's base
// model is
//   -DLAYERS=6 -DWIDTH=512 -DHIDDEN=2048 -DHEADS=8 -DVOCAB=37000
// and the default is one that learns the built-in pairs, numbers and dates, within minutes.
#include <gradc/dsl.h>
using namespace gradc;

struct Transformer {
  Dim vocab = GRADC_OPTION(VOCAB, 48);
  Dim source_size = GRADC_OPTION(SOURCE, 48), block = GRADC_OPTION(BLOCK, 12);
  Dim layers = GRADC_OPTION(LAYERS, 2), heads = GRADC_OPTION(HEADS, 4);
  Dim width = GRADC_OPTION(WIDTH, 64), hidden = GRADC_OPTION(HIDDEN, 4 * width);
  Dim batch_size = GRADC_OPTION(BATCH, 64);
  // In percent.
  std::int64_t dropout = GRADC_OPTION(DROPOUT, 10), smoothing = GRADC_OPTION(SMOOTHING, 10);
  // Steps until the learning rate is at its peak, (width warmup)^-1/2.
  std::int64_t warmup = GRADC_OPTION(WARMUP, width.size < 512 ? 1000 : 4000);

  constexpr void declare(Graph& g) const {
    g.config("n_head", heads);
    const Dim batch = g.batch(batch_size), time = g.time(block);
    const Tensor source = g.tokens("source", {batch, source_size}, vocab);
    const Tensor length = g.tokens("length", {batch}, source_size.size + 1);
    const Tensor tokens = g.tokens("tokens", {batch, time}, vocab);
    const Tensor target = g.tokens("target", {batch, time}, vocab);
    const Tensor weight = g.input("weight", {batch, time});

    const double rate = 0.01 * static_cast<double>(dropout);
    const double scale = nn::square_root(static_cast<double>(width.size));
    const Tensor table = g.parameter("embedding/weight", {vocab, width}, normal(1 / scale));
    const auto embed = [&](Tensor indices, Dim places) {
      return nn::dropout(scale * gather(table, indices) + nn::sinusoids(g, places, width), rate);
    };
    const nn::PostNormOptions options{.heads = heads, .hidden = hidden, .dropout = rate};
    const nn::Visibility filled{.lengths = length};

    Tensor memory = embed(source, source_size);
    for (std::int64_t layer = 0; layer < layers; ++layer)
      memory = nn::encoder_block(g / "encoder" / to_text(layer), memory, filled, options);
    Tensor y = embed(tokens, time);
    for (std::int64_t layer = 0; layer < layers; ++layer)
      y = nn::decoder_block(g / "decoder" / to_text(layer), y, memory, filled, options);
    const Tensor logits = matmul(y, transpose(table));

    g.output("logits", logits);
    g.steps = 5000;
    g.minimize(nn::cross_entropy(
                   logits, target,
                   {.label_smoothing = 0.01 * static_cast<double>(smoothing), .weight = weight}),
               adam({.learning_rate = 1 / (scale * nn::square_root(static_cast<double>(warmup))),
                     .beta2 = 0.98,
                     .epsilon = 1e-9,
                     .schedule = schedule::inverse_sqrt(static_cast<double>(warmup))}));
    g.dataset(pairs({.source = source_size, .window = block, .examples = 50'000}));
  }
};

GRADC_MODEL(transformer, Transformer{});
