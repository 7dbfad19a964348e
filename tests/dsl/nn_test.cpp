// Shapes and names of what nn and the optimizers build. To compile this file is to pass it.
#include "dsl/declared.h"

namespace gradc {
namespace {

constexpr Tensor x(Graph& g) { return g.input("x", {g.batch(8), 3}); }

// --- Mathematics
// --------------------------------------------------------------------------------------

static_assert(nn::square_root(0) == 0);
static_assert(nn::square_root(144) == 12);
static_assert(nn::square_root(0.25) == 0.5);

// --- Activations
// -----------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return nn::silu(x(g)); }) == "f32[batch=8, 3]");
static_assert(type_of([](Graph& g) { return nn::gelu(x(g)); }) == "f32[batch=8, 3]");
static_assert(type_of([](Graph& g) { return nn::gelu_tanh(x(g)); }) == "f32[batch=8, 3]");
static_assert(type_of([](Graph& g) { return nn::softmax(x(g)); }) == "f32[batch=8, 3]");
static_assert(type_of([](Graph& g) { return nn::log_softmax(x(g), 0); }) == "f32[batch=8, 3]");

// --- Layers
// ------------------------------------------------------------------------------------------------

static_assert(holds([](Graph& g) {
  const Tensor y = nn::linear(g / "layer", x(g), Dim(5, "hidden"));
  return to_text(y.type()) == "f32[batch=8, hidden=5]" &&
         names(g, Role::kParameter) == "layer/weight layer/bias" &&
         elements(g, Role::kParameter) == 3 * 5 + 5;
}));
static_assert(holds([](Graph& g) {
  nn::linear(g / "layer", g.input("x", {2, 4}), 5, {.bias = false, .gain = 3});
  return names(g, Role::kParameter) == "layer/weight" && g.leaves[1].initializer == normal(1.5);
}));
static_assert(holds([](Graph& g) {
  nn::linear(g / "layer", x(g), 5, {.weight = uniform(-1, 1)});
  return g.leaves[1].initializer == uniform(-1, 1) && g.leaves[2].initializer == zeros();
}));
static_assert(type_of([](Graph& g) {
                return nn::embedding(g / "table", g.tokens("t", {4, 2}, 27), 27, 10);
              }) == "f32[4, 2, 10]");
static_assert(holds([](Graph& g) {
  const Tensor y = nn::mlp(g / "layer", x(g), {16, 16, 1}, relu);
  return to_text(y.type()) == "f32[batch=8, 1]" &&
         elements(g, Role::kParameter) == (3 * 16 + 16) + (16 * 16 + 16) + (16 + 1) &&
         names(g, Role::kParameter) ==
             "layer/0/weight layer/0/bias layer/1/weight layer/1/bias layer/2/weight layer/2/bias";
}));
static_assert(holds([](Graph& g) {
  const Tensor y = nn::layer_norm(g / "norm", x(g));
  return to_text(y.type()) == "f32[batch=8, 3]" &&
         names(g, Role::kParameter) == "norm/weight norm/bias";
}));
static_assert(holds([](Graph& g) {
  const Tensor y = nn::rms_norm(g / "norm", x(g), {.gain = false});
  return to_text(y.type()) == "f32[batch=8, 3]" && g.parameters().empty();
}));
static_assert(holds([](Graph& g) {
  const Tensor y = nn::batch_norm(g / "norm", x(g));
  return to_text(y.type()) == "f32[batch=8, 3]" &&
         names(g, Role::kParameter) == "norm/weight norm/bias" &&
         names(g, Role::kState) == "norm/running_mean norm/running_variance" &&
         g.updates.size() == 2;
}));

// --- Losses
// ---------------------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(8);
                const Tensor target = g.tokens("target", {batch, 4}, 27);
                return nn::cross_entropy(g.input("logits", {batch, 4, 27}), target);
              }) == "f32[]");
static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(8);
                return nn::hinge(g.input("score", {batch}), g.input("label", {batch}));
              }) == "f32[]");
static_assert(type_of([](Graph& g) {
                return nn::mean_squared_error(x(g), g.input("label", {g.batch_dim, 3}));
              }) == "f32[]");
static_assert(type_of([](Graph& g) {
                nn::linear(g / "layer", x(g), 5);
                return nn::squared_norm(g);
              }) == "f32[]");

// --- Optimizers: which states they keep, and one update for each of them
// ------------------------------------------

template <class Optimizer>
constexpr Text states_of(const Optimizer& optimizer) {
  Graph g;
  const Tensor w = g.parameter("w", {3}, ones());
  g.minimize(sum(w * w), optimizer);
  Text text = names(g, Role::kState);
  text += " | ";
  text += names(g, Role::kSetting);
  return text + " | " + to_text(static_cast<std::int64_t>(g.updates.size()));
}
static_assert(states_of(sgd()) == " | learning_rate | 1");
static_assert(states_of(sgd({.momentum = 0.9})) == "w/momentum | learning_rate | 2");
static_assert(states_of(sgd({.schedule = schedule::step(0.5, 0.1)})) ==
              "step | learning_rate steps | 2");
static_assert(states_of(sgd({.schedule = schedule::linear(0.9)})) ==
              "step | learning_rate steps | 2");
static_assert(states_of(sgd({.schedule = schedule::cosine(100, 0.1)})) ==
              "step | learning_rate steps | 2");
static_assert(states_of(sgd({.schedule = schedule::inverse_sqrt(4000)})) ==
              "step | learning_rate | 2");
static_assert(states_of(adam()) ==
              "w/first_moment w/second_moment beta1_power beta2_power | learning_rate | 5");
// What two optimizers need alike is there once.
constexpr Text grouped_leaves(double beta1, double rate) {
  Graph g;
  const Tensor w = g.parameter("w", {3}, ones()), b = g.parameter("b", {}, ones());
  const auto is_w = [](std::string_view name, const Shape&) { return name == "w"; };
  g.minimize(sum(w * b), grouped(is_w, adam({.learning_rate = 0.5}),
                                 adam({.learning_rate = rate, .beta1 = beta1})));
  return names(g, Role::kState) + " | " + names(g, Role::kSetting);
}
static_assert(grouped_leaves(0.9, 0.5) ==
              "w/first_moment w/second_moment beta1_power beta2_power b/first_moment "
              "b/second_moment | learning_rate");
static_assert(grouped_leaves(0.8, 0.25) ==
              "w/first_moment w/second_moment beta1_power beta2_power b/first_moment "
              "b/second_moment beta1_power_2 | learning_rate");
static_assert(adamw().options.weight_decay == 0.01 && adam().options.weight_decay == 0);

}  // namespace
}  // namespace gradc
