// nplm.cpp with batch normalisation (Ioffe and Szegedy, 2015) in its hidden layer, as in
// A. Karpathy's lecture "Building makemore part 3: activations and gradients, BatchNorm" (2022).
#include <gradc/dsl.h>
using namespace gradc;

struct NplmBatchNorm {
  Dim vocab = GRADC_OPTION(VOCAB, 27), context = GRADC_OPTION(CONTEXT, 3);
  Dim embedding = GRADC_OPTION(EMBEDDING, 10), hidden = GRADC_OPTION(HIDDEN, 200);
  Dim batch_size = GRADC_OPTION(BATCH, 32);

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(batch_size);
    const Tensor tokens = g.tokens("context", {batch, context}, vocab);
    const Tensor target = g.tokens("target", {batch}, vocab);

    const Tensor table = g.parameter("embedding", {vocab, embedding}, normal(1));
    const Tensor x = reshape(gather(table, tokens), {batch, context * embedding});
    // No bias: the normalisation would subtract it again.
    const Tensor z = nn::linear(g / "hidden", x, hidden, {.bias = false, .gain = 5. / 3});
    const Tensor h = tanh(nn::batch_norm(g / "norm", z));
    const Tensor logits = nn::linear(g / "output", h, vocab, {.weight = normal(0.01)});

    g.output("logits", logits);
    g.steps = 200'000;
    g.minimize(nn::cross_entropy(logits, target),
               sgd({.learning_rate = 0.1, .schedule = schedule::step(0.5, 0.1)}));
    g.dataset(lines({.window = context}));
  }
};

GRADC_MODEL(nplm_batchnorm, NplmBatchNorm{});
