// What is said of a wrong declaration, word for word, beside the right one that it resembles. All
// but the last test are static assertions: to compile this file is to pass them.
#define GRADC_COLLECT_DIAGNOSTICS
#include <gtest/gtest.h>

#include "dsl/declared.h"

namespace gradc {
namespace {

// All messages of a declaration, each with its notes in parentheses; "" if it is right.
template <class Body>
constexpr Text said_of(Body body) {
  Graph graph;
  body(graph);
  Text text;
  for (const Diagnostic& diagnostic : graph.diagnostics) {
    if (!text.empty()) text += "; ";
    text += diagnostic.message;
    for (const Note& note : diagnostic.notes) text = text + " (" + note.message + ")";
  }
  return text;
}

// --- Operands ------------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) { g.input("a", {2, 3}) + g.input("b", {3}); }) == "");
static_assert(said_of([](Graph& g) { g.input("a", {2, 3}) + g.input("b", {2}); }) ==
              "cannot broadcast [2, 3] with [2] "
              "(left operand is [2, 3]) (right operand is [2])");
static_assert(said_of([](Graph& g) { g.input("a", {g.batch(1), 3}) + g.input("b", {2, 3}); }) ==
              "cannot broadcast [batch=1, 3] with [2, 3] "
              "(left operand is [batch=1, 3]) (right operand is [2, 3])");
static_assert(said_of([](Graph& g) { tanh(g.iota({3}, 0)); }) ==
              "expected real operands, found i32[3] (operand is [3])");
static_assert(said_of([](Graph& g) { tanh(cast(g.iota({3}, 0))); }) == "");
static_assert(said_of([](Graph& g) { cast(g.input("x", {3})); }) ==
              "cast takes i32, found f32[3] (operand is [3])");

// --- Contraction
// -----------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) {
                matmul(g.input("x", {2, Dim(200, "hidden")}), g.input("w", {200, 5}));
              }) == "");
static_assert(said_of([](Graph& g) {
                matmul(g.input("x", {2, Dim(200, "hidden")}), g.input("w", {300, 5}));
              }) ==
              "matmul contracts dimensions of different size: hidden=200 and 300 "
              "(left operand is [2, hidden=200]) (right operand is [300, 5])");
static_assert(said_of([](Graph& g) { matmul(g.input("a", {2, 3, 4}), g.input("b", {5, 4, 3})); }) ==
              "batch axes of different size: 2 and 5 "
              "(left operand is [2, 3, 4]) (right operand is [5, 4, 3])");
static_assert(said_of([](Graph& g) { matmul(g.iota({2, 3}, 0), g.input("b", {3, 3})); }) ==
              "contract takes real operands of one element, found i32[2, 3] and f32[3, 3] "
              "(left operand is [2, 3]) (right operand is [3, 3])");

// --- Views and reductions
// --------------------------------------------------------------------------

static_assert(said_of([](Graph& g) { reshape(g.input("x", {2, 3}), {6}); }) == "");
static_assert(said_of([](Graph& g) { reshape(g.input("x", {2, 3}), {7}); }) ==
              "reshape keeps the number of elements: [2, 3] has 6 and [7] has 7 "
              "(operand is [2, 3])");
static_assert(said_of([](Graph& g) {
                const Dim batch = g.batch(4);
                reshape(g.input("x", {3, batch}), {batch * 3});
              }) ==
              "reshape from [3, batch=4] to [12] would not keep the batch as the slowest axis of "
              "its group (operand is [3, batch=4])");
static_assert(said_of([](Graph& g) { transpose(g.input("x", {2, 3}), {0, 0}); }) ==
              "transpose names every axis of [2, 3] once (operand is [2, 3])");
static_assert(said_of([](Graph& g) { slice(g.input("x", {2, 3}), 1, 2, 2); }) ==
              "slice of 2 from 2 does not fit axis 1 of [2, 3] (operand is [2, 3])");
static_assert(said_of([](Graph& g) { slice(g.input("x", {g.batch(4), 3}), 0, 0, 2); }) ==
              "the batch cannot be sliced (operand is [batch=4, 3])");
static_assert(said_of([](Graph& g) { pad(g.input("x", {g.batch(4), 3}), 0, 1, 0); }) ==
              "the batch cannot be padded (operand is [batch=4, 3])");
static_assert(said_of([](Graph& g) { broadcast(g.input("x", {2}), {2, 3}); }) ==
              "cannot broadcast [2] to [2, 3] (operand is [2])");
static_assert(said_of([](Graph& g) { sum(g.input("x", {2, 3}), {2}); }) ==
              "axes to reduce are ascending and within [2, 3] (operand is [2, 3])");

// --- Gather
// ------------------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) { gather(g.input("x", {2, 3}), g.input("i", {4})); }) ==
              "gather takes i32 indices, found f32[4] (left operand is [2, 3]) "
              "(right operand is [4])");

// --- Declarations
// ---------------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) { g.input("x", {2, 0}); }) ==
              "a dimension is at least 1, not 0");
static_assert(said_of([](Graph& g) { g.input("x", {1 << 21, 1 << 20}); }) ==
              "a tensor of shape [2097152, 1048576] has more than 2^40 elements");
static_assert(said_of([](Graph& g) { g.batch(0); }) == "a batch is at least 1, not 0");
static_assert(said_of([](Graph& g) {
                g.batch(2);
                g.batch(3);
              }) == "a model has one batch");
static_assert(said_of([](Graph& g) { g.tokens("t", {2}, 0); }) ==
              "tokens have at least 1 class, not 0");
static_assert(said_of([](Graph& g) {
                g.parameter("w", {2}, zeros());
                g.state("w", {3}, zeros());
              }) == "two tensors are called \"w\" (the first is declared here as parameter)");
constexpr const char* kWrongName =
    "a name is one or more printable ASCII characters other than \" and \\";
static_assert(said_of([](Graph& g) { g.input("", {2}); }) == kWrongName);
static_assert(said_of([](Graph& g) { g.input("two\nlines", {2}); }) == kWrongName);
static_assert(said_of([](Graph& g) { g.parameter("\"quoted\"", {2}, zeros()); }) == kWrongName);
static_assert(said_of([](Graph& g) {
                g.state(
                    "gr\xc3\xb6\xc3\x9f"
                    "e",
                    {2}, zeros());
              }) == kWrongName);
static_assert(said_of([](Graph& g) { g.input("a.b/c d,~", {2}); }) == "");
static_assert(said_of([](Graph& g) { g.output("", g.input("x", {2})); }) == kWrongName);
static_assert(said_of([](Graph& g) { g.output("y\\", g.input("x", {2})); }) == kWrongName);
static_assert(said_of([](Graph& g) {
                g.output("y", g.input("x", {2}));
                g.output("y", g.input("z", {2}));
              }) == "two outputs are called \"y\" (the first is declared here)");
static_assert(said_of([](Graph& g) {
                g.config("n_head", 2);
                g.config("n_layer", 2);
              }) == "");
static_assert(said_of([](Graph& g) {
                g.config("n_head", 2);
                g.config("n_head", 2);
              }) ==
              "two numbers of config.json are called \"n_head\" (the first is declared here)");
static_assert(said_of([](Graph& g) { g.config("", 2); }) == kWrongName);
static_assert(said_of([](Graph& g) { g.config("n_head", 0); }) ==
              "a number of config.json is at least 1, not 0");
static_assert(said_of([](Graph& g) { g.config("n_head", 2 * g.batch(4)); }) ==
              "a number of config.json is the same for every batch");
static_assert(said_of([](Graph& g) { g.finish(); }) == "the model has no output");

// --- Updates and the loss
// -----------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) {
                const Tensor count = g.state("count", {2}, zeros());
                g.update(count, count + 1);
              }) == "");
static_assert(said_of([](Graph& g) {
                const Tensor count = g.state("count", {2}, zeros());
                g.update(count, g.input("x", {3}));
              }) ==
              "an update keeps the shape: \"count\" is [2], its update [3] "
              "(\"count\" is declared here)");
static_assert(said_of([](Graph& g) {
                const Tensor count = g.state("count", {}, zeros());
                g.update(count, count + 1);
                g.update(count, count + 2);
              }) == "\"count\" is updated twice (the first update is here)");
static_assert(said_of([](Graph& g) { g.update(g.input("x", {2}), 1); }) ==
              "only a parameter or a state can be updated (this is neither)");
static_assert(said_of([](Graph& g) { g.objective(g.input("x", {2})); }) ==
              "a loss is a scalar, found [2] (the loss is computed here)");
static_assert(said_of([](Graph& g) {
                const Tensor w = g.parameter("w", {}, ones());
                g.minimize(w * w, sgd());
                g.minimize(w, sgd());
              }) == "a model minimizes one loss");
static_assert(said_of([](Graph& g) {
                const Tensor x = g.input("x", {2, 3});
                grad(x, x);
              }) ==
              "the gradient is that of a scalar, found [2, 3] (left operand is [2, 3]) "
              "(right operand is [2, 3])");
static_assert(said_of([](Graph& g) { nn::batch_norm(g / "norm", g.input("x", {2, 3, 4})); }) ==
              "batch_norm takes [batch, features], found [2, 3, 4]");

// --- One mistake is said once
// ---------------------------------------------------------------------------------

static_assert(said_of([](Graph& g) {
                const Tensor wrong = matmul(g.input("x", {2, 3}), g.input("w", {4, 5}));
                g.output("y", nn::softmax(tanh(wrong) + 1));
                g.minimize(mean(wrong), sgd());
              }) ==
              "matmul contracts dimensions of different size: 3 and 4 "
              "(left operand is [2, 3]) (right operand is [4, 5])");

// --- Optimizers ----------------------------------------------------------------------------------

constexpr Text said_of_rates(double first, double second) {
  return said_of([=](Graph& g) {
    const Tensor w = g.parameter("w", {}, ones()), b = g.parameter("b", {}, ones());
    const auto is_w = [](std::string_view name, const Shape&) { return name == "w"; };
    g.minimize(w * b, grouped(is_w, sgd({.learning_rate = first}), sgd({.learning_rate = second})));
  });
}
static_assert(said_of_rates(0.1, 0) == "" && said_of_rates(0, 0) == "");
static_assert(said_of_rates(0, 0.1) ==
              "another learning rate has no ratio to the first one, which is 0");

// --- A message stands at the line that is wrong, its notes where the operands come from
// ----------------

TEST(Diagnostics, StandWhereTheMistakeIs) {
  Graph g;
  const int line = __LINE__;
  const Tensor x = g.input("x", {2, 3});
  const Tensor w = g.parameter("w", {4, 5}, zeros());
  nn::softmax(matmul(x, w));
  ASSERT_EQ(g.diagnostics.size(), 1u);
  const Diagnostic& diagnostic = g.diagnostics[0];
  EXPECT_EQ(diagnostic.location.line, line + 3);
  ASSERT_EQ(diagnostic.notes.size(), 2u);
  EXPECT_EQ(diagnostic.notes[0].location.line, line + 1);
  EXPECT_EQ(diagnostic.notes[1].location.line, line + 2);
  ASSERT_EQ(g.files.size(), 1u);
  EXPECT_EQ(g.files[0].str(), __FILE__);
}

}  // namespace
}  // namespace gradc
