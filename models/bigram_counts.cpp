// The next character from the last one by counting pairs, as in A. Karpathy's lecture "The
// spelled-out intro to language modeling: building makemore" (2022). Training is one pass over the
// data; the model has no parameters and no loss, only a state that each step adds to.
#include <gradc/dsl.h>
using namespace gradc;

struct BigramCounts {
  Dim vocab = GRADC_OPTION(VOCAB, 27);

  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(GRADC_OPTION(BATCH, 1024));
    const Tensor last = reshape(g.tokens("context", {batch, 1}, vocab), {batch});
    const Tensor next = one_hot(g.tokens("target", {batch}, vocab), vocab);

    // f32 counts exactly up to 2^24 pairs of a kind
    const Tensor counts = g.state("counts", {vocab, vocab}, zeros());
    g.update(counts, counts + matmul(transpose(one_hot(last, vocab)), next));

    // -log p of each pair, p = count / sum of its row. The pair is picked before the logarithm is
    // taken, so a pair never seen costs infinity where it occurs and nothing elsewhere.
    const auto surprise = [&](Tensor count) {
      const Tensor row = gather(count, last);
      return -mean(log(sum(row * next, {-1}) / maximum(sum(row, {-1}), 1)));
    };
    g.output("nll", surprise(counts));
    g.output("nll_smoothed", surprise(counts + 1));
    g.output("logits", gather(log(counts + 1), last));
    g.dataset(lines({.window = 1, .order = Order::kSequential, .split = false}));
  }
};

GRADC_MODEL(bigram_counts, BigramCounts{});
