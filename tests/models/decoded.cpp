// A sequence with all that a decoder takes over or reads: parameters, a setting, a state that
// training changes, an input that belongs to no position, and one that prediction does not need.
// Some tensors are called as members of the generated classes are.
#include <gradc/dsl.h>
using namespace gradc;

struct Declaration {
  constexpr void declare(Graph& g) const {
    const Dim batch = g.batch(3), time = g.time(20);
    const Tensor source = g.input("arena", {batch, 5, 8});
    const Tensor tokens = g.tokens("step", {batch, time}, 11);
    const Tensor bias = g.input("position", {batch, time, 11});
    const Tensor target = g.tokens("target", {batch, time}, 11);

    Tensor x = nn::embedding(g / "Decoded", tokens, 11, 8) + nn::sinusoids(g, time, 8);
    x = x + nn::self_attention(g / "self", x, {.heads = 2, .visibility = {.causal = true}});
    x = x + nn::attention(g / "cross", x, nn::linear(g / "source", source, 8), {.heads = 2});
    const Tensor shift = g.state("kPositions", {11}, zeros());
    const Tensor scale = g.setting("DecodedDecoder", 0.5);
    const Tensor logits = scale * (nn::linear(g / "head", x, 11) + bias) + shift;

    g.output("logits", logits);
    g.update(shift, shift + 1);
    g.minimize(nn::cross_entropy(logits, target), sgd({.learning_rate = 0.1}));
  }
};

GRADC_MODEL(decoded, Declaration{});

// Without a batch, a setting or an embedding.
struct Single {
  constexpr void declare(Graph& g) const {
    const Dim time = g.time(6);
    const Tensor x = g.input("x", {1, time, 4});
    g.output("y", nn::self_attention(g / "attention", x, {.visibility = {.causal = true}}));
  }
};

GRADC_MODEL(single, Single{});
