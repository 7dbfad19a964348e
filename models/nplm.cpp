// Bengio et al. (2003), "A neural probabilistic language model", at the level of characters.
#include <gradc/dsl.h>
using namespace gradc;

struct Nplm {
  Dim vocab = GRADC_OPTION(VOCAB, 27), context = GRADC_OPTION(CONTEXT, 3);
  Dim embedding = GRADC_OPTION(EMBEDDING, 10), hidden = GRADC_OPTION(HIDDEN, 200);
  Dim batch_size = GRADC_OPTION(BATCH, 32);

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(batch_size);
    const Tensor tokens = g.tokens("context", {batch, context}, vocab);
    const Tensor target = g.tokens("target", {batch}, vocab);

    const Tensor table = g.parameter("embedding", {vocab, embedding}, normal(1));
    const Tensor x = reshape(gather(table, tokens), {batch, context * embedding});
    const Tensor h = tanh(nn::linear(g / "hidden", x, hidden, {.gain = 5. / 3}));
    const Tensor logits = nn::linear(g / "output", h, vocab, {.weight = normal(0.01)});

    g.output("logits", logits);
    g.steps = 200'000;
    g.minimize(nn::cross_entropy(logits, target),
               sgd({.learning_rate = 0.1, .schedule = schedule::step(0.5, 0.1)}));
    g.dataset(lines({.window = context}));
  }
};

GRADC_MODEL(nplm, Nplm{});
