// What a Graph remembers of a declaration: names, scopes, settings, updates, options. To compile
// this file is to pass it.
#include "dsl/declared.h"

namespace gradc {
namespace {

// --- Text
// -----------------------------------------------------------------------------------------

static_assert(to_text(std::int64_t{0}) == "0");
static_assert(to_text(std::int64_t{-120}) == "-120");
static_assert(to_text(std::int64_t{9'223'372'036'854'775'807}) == "9223372036854775807");
static_assert(to_text(-std::int64_t{9'223'372'036'854'775'807} - 1) == "-9223372036854775808");
static_assert(to_text(Dim(200, "hidden")) == "hidden=200");
static_assert(to_text(Shape{}) == "[]");
static_assert(to_text(Shape{Dim(2, "rows"), 3}) == "[rows=2, 3]");
static_assert(to_text(Axes{0, 2}) == "[0, 2]");

// --- Dimensions
// -------------------------------------------------------------------------------------

static_assert(Dim(3) * Dim(4) == Dim(12));
static_assert(Dim(200, "hidden") == Dim(200));  // a name means nothing
static_assert(holds([](Graph& g) {
  const Dim batch = g.batch(32);
  return batch.batched && (batch * 3).batched && (3 * batch).size == 96 && !(batch == Dim(32)) &&
         g.batch_dim == batch;
}));

// --- Leaves and scopes
// ---------------------------------------------------------------------------------

static_assert(holds([](Graph& g) {
  const Scope block = g / "block" / "0";
  const Tensor weight = block.parameter("weight", {2, 3}, normal(0.5));
  (block / "norm").state("mean", {3}, zeros());
  g.parameter("bias", {3}, uniform(-1, 1));
  return names(g, Role::kParameter) == "block/0/weight bias" &&
         names(g, Role::kState) == "block/0/norm/mean" && g.find_leaf("bias") == 2 &&
         g.find_leaf("weight") == -1 && g.leaf_of(weight.node)->initializer == normal(0.5) &&
         g.parameters().size() == 2 && g.parameters()[0].node == weight.node;
}));
static_assert(holds([](Graph& g) {
  g.tokens("context", {4}, option("VOCAB", "VOCAB", 27));
  const Leaf& leaf = g.leaves[0];
  return leaf.role == Role::kInput && leaf.classes == 27 &&
         std::string_view(leaf.classes_option) == "VOCAB";
}));

// Asked twice, a setting or the step is the same tensor, and the step counts itself.
static_assert(holds([](Graph& g) {
  const Tensor rate = g.setting("rate", 0.1);
  const Tensor step = g.step();
  return g.setting("rate", 0.5).node == rate.node && g.step().node == step.node &&
         g.leaf_of(rate.node)->initializer.a == 0.1 && g.updates.size() == 1 &&
         g.updates[0].leaf == step.node;
}));

// --- Options
// -------------------------------------------------------------------------------------------

static_assert(option("HIDDEN", "HIDDEN", 200).size == 200);
static_assert(option("HIDDEN", "64", 200).size == 64);
static_assert(option("HIDDEN", "64", 200).option);
static_assert(to_text(option("HIDDEN", "64", 200)) == "HIDDEN=64");
#define SOME_SIZE 12
static_assert(GRADC_OPTION(SOME_SIZE, 5).size == 12);
static_assert(GRADC_OPTION(SOME_OTHER_SIZE, 5).size == 5);
#undef SOME_SIZE

// --- Numbers of config.json
// ----------------------------------------------------------------------------------

static_assert(holds([](Graph& g) {
  g.config("n_head", option("HEADS", "4", 2));
  g.config("n_layer", Dim(3, "depth"));
  return g.config_facts.size() == 2 && g.config_facts[0].key == "n_head" &&
         g.config_facts[0].value == 4 && std::string_view(g.config_facts[0].option) == "HEADS" &&
         g.config_facts[1].value == 3 && std::string_view(g.config_facts[1].option).empty();
}));

// --- Outputs, updates, the objective
// -------------------------------------------------------------------

static_assert(holds([](Graph& g) {
  const Tensor x = g.parameter("x", {3}, ones());
  const Tensor loss = sum(x * x);
  g.output("loss", loss);
  g.objective(loss);
  return g.loss == loss.node && g.outputs.size() == 1 && g.outputs[0].node == loss.node &&
         g.updates.empty();
}));
static_assert(holds([](Graph& g) {
  const Tensor x = g.parameter("x", {3}, ones());
  const Tensor loss = sum(x * x);
  g.minimize(loss, sgd());
  return g.loss == loss.node && g.updates.size() == 1 && g.updates[0].leaf == x.node;
}));
// A parameter declared after the loss is nobody's to train.
static_assert(holds([](Graph& g) {
  const Tensor x = g.parameter("x", {3}, ones());
  g.minimize(sum(x * x), sgd());
  g.parameter("late", {3}, ones());
  return g.updates.size() == 1;
}));

// --- Where nodes come from
// ---------------------------------------------------------------------------------

// An operator, and all that a function of nn builds, stand at the line of the model that wrote
// them.
static_assert(holds([](Graph& g) {
  const Tensor x = g.input("x", {2, 3});
  const int line = __LINE__ + 1;
  const Tensor y = nn::softmax(x * 2);
  for (int node = x.node + 1; node <= y.node; ++node)
    if (g[node].location.line != line) return false;
  return g.files.size() == 1;
}));

// --- Data sets
// -----------------------------------------------------------------------------------------------

static_assert(lines({.window = 3}).kind == Dataset::Kind::kLines);
static_assert(lines({.window = 3}).window.size == 3);
static_assert(lines().split && lines().order == Order::kRandom);
static_assert(text({.window = 16, .split = false}).kind == Dataset::Kind::kText);
static_assert(csv({.order = Order::kSequential}).order == Order::kSequential);
static_assert(moons({.examples = 50}).examples == 50 && !moons().split);

}  // namespace
}  // namespace gradc
