// The next character from the last one by a single layer, which learns what bigram_counts.cpp
// counts: A. Karpathy, "The spelled-out intro to language modeling: building makemore" (2022).
#include <gradc/dsl.h>
using namespace gradc;

struct Bigram {
  Dim vocab = GRADC_OPTION(VOCAB, 27);

  constexpr void declare(Graph& g) const {
    // Room for every pair of a list of names: all of the data is one batch.
    const Dim batch = g.batch(GRADC_OPTION(BATCH, 262'144));
    const Tensor last = reshape(g.tokens("context", {batch, 1}, vocab), {batch});
    const Tensor next = g.tokens("target", {batch}, vocab);

    const Tensor weight = g.parameter("weight", {vocab, vocab}, normal(1));
    const Tensor logits = matmul(one_hot(last, vocab), weight);

    const Tensor nll = nn::cross_entropy(logits, next);

    g.output("logits", logits);
    g.output("nll", nll);
    g.steps = 200;
    g.minimize(nll + 0.01 * mean(weight * weight), sgd({.learning_rate = 50}));
    g.dataset(lines({.window = 1, .order = Order::kSequential, .split = false}));
  }
};

GRADC_MODEL(bigram, Bigram{});
