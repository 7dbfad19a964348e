// Products of rounded numbers, emitted against the interpreter: every way in which the operands may
// lie, extents with and without pairs and tails, kernels large enough for turns. Leaves are
// rounded, of which both have the same numbers.
#include "passes/precision.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include <limits>

#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "graphs/emitted.h"
#include "passes/decode.h"

namespace gradc::graphs {
namespace {

struct Form {
  std::int64_t rows, terms, columns;
};

constexpr Form kForms[] = {{1, 2, 16},    {2, 3, 1},     {5, 1, 33},   {7, 16, 17},
                           {13, 31, 48},  {24, 48, 32},  {33, 96, 65}, {12, 8300, 16},
                           {3, 600, 500}, {40, 1701, 16}};

std::string name_of(const char* what, const Form& form) {
  return std::string(what) + std::to_string(form.rows) + "_" + std::to_string(form.terms) + "_" +
         std::to_string(form.columns);
}

Tensor matrix(Graph& g, const std::string& name, std::int64_t rows, std::int64_t columns,
              bool turned) {
  if (turned) return transpose(g.parameter(name, {Dim(columns), Dim(rows)}, normal(1)), {1, 0});
  return g.parameter(name, {Dim(rows), Dim(columns)}, normal(1));
}

Graph named(const char* what, const Form& form) {
  Graph g;
  const std::string name = name_of(what, form);
  g.name = name.c_str();
  (void)g.batch(7);  // which the check asks for, used or not
  return g;
}

// Both operands in bf16, either of them or both turned; with a function behind, and without.
Graph in_bf16(const Form& form) {
  Graph g = named("bf16_", form);
  const double scale = 1 / static_cast<double>(form.terms);
  for (const bool left : {false, true})
    for (const bool right : {false, true}) {
      const std::string which = std::string(left ? "t" : "n") + (right ? "t" : "n");
      const Tensor x = matrix(g, "x" + which, form.rows, form.terms, left);
      const Tensor w = matrix(g, "w" + which, form.terms, form.columns, right);
      const Tensor y = matmul(round_to_bf16(x), round_to_bf16(w));
      g.output(which.c_str(), y * scale);
      g.output((which + "_tanh").c_str(), tanh(y * scale + 0.25));
    }
  return g;
}

// Over the batch, whose extent is known only when it runs, and along it.
Graph over_the_batch(const Form& form) {
  Graph g = named("batch_", form);
  const Dim batch = g.batch_dim;
  const Tensor x = round_to_bf16(g.input("x", {batch, form.rows}));
  const Tensor y = round_to_bf16(g.input("y", {batch, form.columns}));
  const Tensor w = round_to_bf16(g.parameter("w", {form.rows, form.columns}, normal(1)));
  g.output("over", matmul(transpose(x, {1, 0}), y));
  g.output("along", matmul(x, w) / static_cast<double>(form.rows));
  g.output("turned", matmul(y, transpose(w, {1, 0})) / static_cast<double>(form.columns));
  return g;
}

Graph in_int8(const Form& form) {
  Graph g = named("int8_", form);
  const double scale = 1 / static_cast<double>(form.terms);
  for (const bool right : {false, true}) {
    const Tensor x = g.parameter(right ? "xt" : "xn", {form.rows, form.terms}, normal(1));
    const Tensor w = matrix(g, right ? "wt" : "wn", form.terms, form.columns, right);
    g.output(right ? "t" : "n", matmul(x, round_to_int8(w * 40)) * scale);
    g.output(right ? "left_t" : "left_n", matmul(round_to_int8(x * 40), w) * scale);
  }
  return g;
}

template <class F>
std::vector<Graph> all_forms(F declare) {
  std::vector<Graph> graphs;
  for (const Form& form : kForms) graphs.push_back(declare(form));
  return graphs;
}

TEST(Precision, ProductsOfBf16EqualTheInterpreter) { expect_equal(all_forms(in_bf16)); }
TEST(Precision, ProductsOverTheBatchEqualTheInterpreter) {
  expect_equal(all_forms(over_the_batch));
}
TEST(Precision, ProductsWithInt8EqualTheInterpreter) { expect_equal(all_forms(in_int8)); }

// --- What decoders keep -------------------------------------------------------------------------

Graph language_model(Precision precision) {
  Graph g;
  g.name = precision == Precision::kBf16 ? "bf16_decoder" : "int8_decoder";
  const Dim batch = g.batch(3), time = g.time(20);
  const Tensor tokens = g.tokens("tokens", {batch, time}, 11);
  Tensor x = nn::embedding(g / "wte", tokens, 11, 16);
  x = x + nn::self_attention(g / "attention", nn::layer_norm(g / "norm", x),
                             {.heads = 2, .visibility = {.causal = true}});
  g.output("logits", nn::linear(g / "head", x, 11));
  g.precision = precision;
  return g;
}

// Kernels that round parameters run at the first position only, and what they make lasts.
TEST(Precision, DecodersRoundParametersOnce) {
  for (const Precision precision : {Precision::kBf16, Precision::kInt8}) {
    const ir::Module module = passes::build_module(language_model(precision));
    const ir::Program& decoder = module.decoder.front().train;
    const Element narrow = precision == Precision::kBf16 ? Element::kBf16 : Element::kInt8;
    int kept = 0;
    for (const ir::Kernel& kernel : decoder.kernels)
      for (const ir::Stage& stage : kernel.stages)
        for (const ir::Store& store : stage.stores) {
          const ir::Buffer& buffer = decoder.buffers[static_cast<std::size_t>(store.buffer)];
          if (buffer.element != narrow) continue;
          EXPECT_EQ(buffer.lasting, kernel.first) << buffer.name;
          kept += buffer.lasting ? 1 : 0;
        }
    EXPECT_GE(kept, 3) << "the weights of attention and of the head";
  }
}

// Weights are rounded in the declaration; activations are not, for a value that is worked out
// otherwise may be rounded to another number.
Graph with_rounded_weights(const char* name, Tensor (*round)(Operand)) {
  Graph g;
  g.name = name;
  const Dim batch = g.batch(3), time = g.time(20);
  const Tensor tokens = g.tokens("tokens", {batch, time}, 11);
  const auto weight = [&](const char* leaf, std::int64_t rows, std::int64_t columns) {
    return round(8 * g.parameter(leaf, {Dim(rows), Dim(columns)}, normal(1)));
  };
  Tensor x = nn::embedding(g / "wte", tokens, 11, 16);
  x = x + nn::self_attention(g / "attention", x, {.heads = 2, .visibility = {.causal = true}});
  x = tanh(0.01 * matmul(x, weight("up", 16, 24)));
  x = tanh(0.01 * matmul(x, transpose(weight("down", 17, 24), {1, 0})));
  g.output("logits", matmul(x, weight("head", 17, 11)));
  return g;
}

// Parameters along the time, of which a decoder has to prepare all positions: keys that are turned
// round for a product, values that are rounded, and a table that is worked out from another.
Graph with_positions(Tensor (*of_weights)(Tensor)) {
  Graph g;
  g.name = "positions";
  const Dim batch = g.batch(2), time = g.time(37);
  const Tensor tokens = g.tokens("tokens", {batch, time}, 11);
  const Tensor x = nn::embedding(g / "wte", tokens, 11, 19);
  const Tensor keys = g.parameter("keys", {time, 19}, normal(1));
  const Tensor values = g.parameter("values", {time, 19}, normal(1));
  const Tensor score = 0.1 * matmul(x, transpose(keys, {1, 0}));
  const Shape square = {time, time};
  const Tensor seen = less_equal(cast(g.iota(square, 1)), cast(g.iota(square, 0)));
  const Tensor weight = nn::softmax(where(seen, score, -std::numeric_limits<double>::infinity()));
  const Tensor mixed = matmul(weight, round_to_bf16(values)) + matmul(weight, tanh(values)) +
                       matmul(of_weights(weight), values);
  g.output("logits", matmul(mixed, g.parameter("head", {19, 11}, normal(1))));
  return g;
}

TEST(Precision, DecodersPrepareAllPositions) {
  expect_equal_decoders({with_positions([](Tensor p) { return p; })});
}

// What is zero behind the present position is zero when it is rounded.
TEST(Precision, RoundedWeightsDoNotLookAhead) {
  for (const auto& of_weights :
       {+[](Tensor p) { return round_to_bf16(p); },
        +[](Tensor p) { return p + detach(round_to_bf16(p) - p); },
        +[](Tensor p) { return p + detach(round_to_int8(p / 0.01) * 0.01 - p); }}) {
    const auto decoder = passes::decode(with_positions(of_weights));
    ASSERT_TRUE(decoder.has_value());
    EXPECT_FALSE(decoder->refusal.has_value()) << decoder->refusal->message;
  }
}

TEST(Precision, DecodersGiveWhatTheWholeSequenceGives) {
  expect_equal_decoders({with_rounded_weights("bf16_weights", round_to_bf16),
                         with_rounded_weights("int8_weights", round_to_int8)});
}

// --- The passes ---------------------------------------------------------------------------------

// Each number of a product is off by a part of 2^8 at most, each weight by half a step of 1/127 of
// the largest of its column.
TEST(Precision, RoundingIsAsNearAsItsBits) {
  Graph g;
  g.name = "linear";
  const Dim batch = g.batch(8);
  const Tensor x = g.input("x", {batch, 64});
  const Tensor w = g.parameter("w", {64, 32}, normal(1));
  const Tensor v = g.parameter("v", {48, 64}, normal(1));
  g.output("y", matmul(x, w));
  g.output("z", matmul(v, transpose(x, {1, 0})));
  const eval::Bindings bindings = eval::random_bindings(g, 3);
  const auto result = [&](const Graph& graph, int output) {
    return eval::interpret(graph, bindings)[graph.outputs[static_cast<std::size_t>(output)].node]
        .elements;
  };
  // The largest error, as a share of the largest number.
  const auto error = [&](const Graph& rounded, int output) {
    const std::vector<double> exact = result(g, output), got = result(rounded, output);
    double most = 0, largest = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      most = std::max(most, std::abs(exact[i] - got[i]));
      largest = std::max(largest, std::abs(exact[i]));
    }
    return most / largest;
  };
  for (const int output : {0, 1}) {
    EXPECT_LT(error(passes::round_to_bf16(g), output), 0x1p-7);
    EXPECT_GT(error(passes::round_to_bf16(g), output), 0x1p-13);
    EXPECT_LT(error(passes::round_to_int8(g), output), 0.02);
    EXPECT_GT(error(passes::round_to_int8(g), output), 1e-5);
  }
}

TEST(Precision, F64StaysAsItIs) {
  Graph g;
  g.use_f64();
  g.precision = Precision::kBf16;
  g.output("y", matmul(g.parameter("x", {2, 3}, normal(1)), g.parameter("w", {3, 4}, normal(1))));
  EXPECT_EQ(passes::reduce_precision(g).nodes.size(), g.nodes.size());
}

}  // namespace
}  // namespace gradc::graphs
