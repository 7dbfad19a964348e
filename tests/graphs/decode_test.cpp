// Decoders: position by position they give what the whole sequence gives, in the interpreter and as
// emitted code.
#include "passes/decode.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "graphs/emitted.h"

namespace gradc::graphs {
namespace {

constexpr std::int64_t kVocabulary = 11, kWidth = 8;

struct Style {
  std::string name;
  std::int64_t heads = 2, groups = 2;
  double rotary = 0;
  bool learned = true, sinusoids = false, masked = true;
  bool encoder = false;
  bool f64 = true;
  std::int64_t block = 40;
};

Graph declare(const Style& style) {
  Graph g;
  g.name = style.name;
  if (style.f64) g.use_f64();
  const Dim batch = g.batch(3), time = g.time(style.block);
  const Tensor tokens = g.tokens("tokens", {batch, time}, kVocabulary);
  Tensor x = nn::embedding(g / "wte", tokens, kVocabulary, kWidth);
  if (style.learned) x = x + nn::positions(g / "wpe", time, style.block, kWidth);
  if (style.sinusoids) x = x + nn::sinusoids(g, time, kWidth);
  Tensor memory;
  if (style.encoder) {
    const Tensor source = g.input("source", {batch, 5, kWidth});
    memory = source + nn::self_attention(g / "encoder", source, {.heads = 2});
  }
  for (const char* layer : {"0", "1"}) {
    const Scope scope = g / layer;
    x = x + nn::self_attention(scope / "attention", nn::layer_norm(scope / "norm", x),
                               {.heads = style.heads,
                                .groups = style.groups,
                                .visibility = {.causal = style.masked},
                                .rotary = style.rotary,
                                .dropout = 0.1});
    if (style.encoder)
      x = x + nn::attention(scope / "cross", nn::layer_norm(scope / "cross_norm", x), memory,
                            {.heads = 2});
    x = x + nn::mlp(scope / "mlp", x, {2 * kWidth, kWidth},
                    [](Tensor hidden) { return nn::gelu_tanh(hidden); });
  }
  g.output("logits", nn::linear(g / "head", x, kVocabulary));
  return g;
}

const Style kStyles[] = {{.name = "learned"},
                         {.name = "rotary", .rotary = 10000, .learned = false},
                         {.name = "sinusoids", .learned = false, .sinusoids = true},
                         {.name = "grouped", .heads = 4, .groups = 2},
                         {.name = "short_block", .block = 12},
                         {.name = "encoder", .encoder = true},
                         {.name = "f32", .f64 = false, .block = 48},
                         {.name = "odd_block", .f64 = false, .block = 37},
                         {.name = "odd_block_f64", .heads = 4, .groups = 2, .block = 29}};

// The random values of the whole; tokens are the same in both.
eval::Bindings bindings_of(const Graph& graph) {
  eval::Bindings bindings = eval::random_bindings(graph, 3, 2);
  bindings.training = false;
  for (auto& [name, elements] : bindings.leaves)
    for (double& x : elements) x = static_cast<float>(x);
  return bindings;
}

// logits [batch 2, position] of row `at` of a whole output.
std::vector<double> logits_at(const eval::Array& whole, std::int64_t block, std::int64_t at) {
  std::vector<double> values;
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t v = 0; v < kVocabulary; ++v)
      values.push_back(
          whole.elements[static_cast<std::size_t>((b * block + at) * kVocabulary + v)]);
  return values;
}

void set_position(eval::Bindings& step, const eval::Bindings& whole, std::int64_t at) {
  step.leaves["decode/position"] = {static_cast<double>(at)};
  const std::vector<double>& tokens = whole.leaves.at("tokens");
  step.leaves["tokens"] = {tokens[static_cast<std::size_t>(at)],
                           tokens[tokens.size() / 2 + static_cast<std::size_t>(at)]};
}

// Relative to the largest: a logit is a sum in which others of that size may cancel.
void expect_near(const std::vector<double>& found, const std::vector<double>& wanted,
                 double tolerance, const std::string& where) {
  ASSERT_EQ(found.size(), wanted.size()) << where;
  double scale = 1;
  for (const double x : wanted) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < wanted.size(); ++i)
    ASSERT_NEAR(found[i], wanted[i], tolerance * scale) << where << " " << i;
}

TEST(Decode, EqualsTheWholeInTheInterpreter) {
  for (const Style& style : kStyles) {
    const Graph whole = declare(style);
    const auto decoder = passes::decode(whole);
    ASSERT_TRUE(decoder && !decoder->refusal) << style.name;
    const Graph step = passes::run(decoder->graph, passes::Form::kOutside);
    const eval::Bindings bindings = bindings_of(whole);
    const eval::Values values = eval::interpret(whole, bindings);
    eval::Bindings now = bindings;
    for (std::int64_t at = 0; at < style.block; ++at) {
      set_position(now, bindings, at);
      const eval::Values next = eval::interpret(step, now);
      expect_near(eval::output_of(step, next, "logits").elements,
                  logits_at(eval::output_of(whole, values, "logits"), style.block, at), 1e-12,
                  style.name + " at " + std::to_string(at));
      eval::apply_updates(step, next, now);
    }
  }
}

TEST(Decode, EqualsTheWholeAsEmittedCode) {
  std::vector<Graph> graphs;
  for (const Style& style : kStyles) graphs.push_back(declare(style));
  expect_equal_decoders(graphs);
}

// A row of a cache is written in its place, and nothing of positions that are not there is asked
// for.
TEST(Decode, CostsWhatThePositionsUntilThenCost) {
  for (const Style& style : kStyles) {
    const ir::Program step = passes::build_module(declare(style)).decoder.front().train;
    std::size_t placed = 0, limited = 0, first = 0;
    for (const ir::Kernel& kernel : step.kernels) {
      first += kernel.first ? 1 : 0;
      for (const ir::Axis& axis : kernel.axes) {
        limited += axis.limited ? 1 : 0;
        EXPECT_TRUE(axis.limited || axis.extent != style.block) << style.name;
      }
      for (const ir::Stage& stage : kernel.stages)
        for (const ir::Store& store : stage.stores)
          placed += step.buffers[store.buffer].leaf >= 0 && store.row >= 0 ? 1 : 0;
    }
    EXPECT_EQ(placed, 4) << style.name;
    EXPECT_EQ(first > 5, style.encoder) << style.name;
    EXPECT_GT(limited, 0) << style.name;
  }
}

// Keys and values of each layer, and nothing of the optimizer.
TEST(Decode, KeepsWhatIsUsedAcrossTime) {
  Graph whole = declare({.name = "trained"});
  const Tensor target = whole.tokens("target", {whole.batch_dim, whole.time_dim}, kVocabulary);
  const Tensor logits{&whole, whole.outputs.front().node};
  whole.minimize(nn::cross_entropy(logits, target), adam());
  const Graph step = passes::decode(passes::predict_of(whole))->graph;
  std::string states;
  for (const Leaf& leaf : step.leaves)
    if (leaf.role == Role::kState) states += leaf.name.str() + " ";
  EXPECT_EQ(states, "decode/cache0 decode/cache1 decode/cache2 decode/cache3 ");
}

TEST(Decode, RefusesWhatLooksAhead) {
  const Graph whole = declare({.name = "open", .masked = false});
  const auto decoder = passes::decode(whole);
  ASSERT_TRUE(decoder && decoder->refusal);
  EXPECT_EQ(decoder->refusal->message,
            "this looks ahead: later positions count in what is generated");
  EXPECT_GT(decoder->refusal->location.line, 0);

  Graph mean_over_time;
  const Dim batch = mean_over_time.batch(2), time = mean_over_time.time(4);
  const Tensor x = mean_over_time.input("x", {batch, time, 3});
  mean_over_time.output("y", x - mean(x, {1}, Keep::kYes));
  EXPECT_TRUE(passes::decode(mean_over_time)->refusal);

  Graph without_time;
  without_time.output("y", without_time.input("x", {2}));
  EXPECT_FALSE(passes::decode(without_time));
}

}  // namespace
}  // namespace gradc::graphs
