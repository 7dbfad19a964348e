// The type that each op gives to its result. To compile this file is to pass it.
#include "dsl/declared.h"

namespace gradc {
namespace {

constexpr Tensor x23(Graph& g) { return g.input("x", {2, 3}); }
constexpr Tensor v3(Graph& g) { return g.input("v", {3}); }

// --- Leaves
// ---------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return g.constant(2.5); }) == "f32[]");
static_assert(type_of([](Graph& g) { return g.iota({4, 2}, 0); }) == "i32[4, 2]");
static_assert(type_of([](Graph& g) { return g.random({5}); }) == "f32[5]");
static_assert(type_of([](Graph& g) { return g.setting("rate", 0.1); }) == "f32[]");
static_assert(type_of([](Graph& g) { return g.step(); }) == "f32[]");
static_assert(type_of([](Graph& g) { return g.total_steps(); }) == "f32[]");
static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(8);
                return g.tokens("t", {batch, 3}, 27);
              }) == "i32[batch=8, 3]");
static_assert(type_of([](Graph& g) { return g.extent(g.batch(8)); }) == "f32[]");
static_assert(type_of([](Graph& g) {
                g.use_f64();
                return v3(g) * 2;
              }) == "f64[3]");

// --- Elementwise, one operand
// ------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return -x23(g); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return abs(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return sign(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return sqrt(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return exp(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return log(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return tanh(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return sigmoid(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return erf(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return sin(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return cos(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return relu(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return detach(x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return cast(g.iota({4}, 0)); }) == "f32[4]");
static_assert(type_of([](Graph& g) {
                g.use_f64();
                return cast(g.iota({4}, 0));
              }) == "f64[4]");

// --- Elementwise, more operands, and numpy's broadcasting
// ----------------------------------------------

static_assert(type_of([](Graph& g) { return x23(g) + v3(g); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return v3(g) - x23(g); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return x23(g) * 2; }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return 1 / x23(g); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return maximum(x23(g), 0); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return minimum(1, x23(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return less(x23(g), v3(g)); }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return less_equal(v3(g), 0); }) == "f32[3]");
static_assert(type_of([](Graph& g) { return equal(v3(g), 0); }) == "f32[3]");
static_assert(type_of([](Graph& g) { return where(x23(g), v3(g), 0); }) == "f32[2, 3]");

// Axes of extent 1 are repeated on either side.
static_assert(type_of([](Graph& g) { return g.input("a", {2, 1}) * g.input("b", {1, 3}); }) ==
              "f32[2, 3]");
static_assert(type_of([](Graph& g) { return g.input("a", {4, 1, 3}) + g.input("b", {2, 1}); }) ==
              "f32[4, 2, 3]");
// The batch is no ordinary 1, even where it is 1.
static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(1);
                return g.input("a", {batch, 3}) + g.input("b", {1, 3});
              }) == "f32[batch=1, 3]");
// A name is kept from whichever side has one.
static_assert(type_of([](Graph& g) {
                return g.input("a", {2, 3}) + g.input("b", {Dim(3, "width")});
              }) == "f32[2, width=3]");

static_assert(holds([](Graph& g) {
  Tensor x = x23(g);
  x += 1;
  x *= v3(g);
  x -= x;
  x /= 2;
  return to_text(x.type()) == "f32[2, 3]";
}));

// --- Views
// -------------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return reshape(x23(g), {6}); }) == "f32[6]");
static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(4);
                return reshape(g.input("x", {batch, 2, 3}), {batch * 2, 3});
              }) == "f32[8, 3]");
static_assert(type_of([](Graph& g) {
                const Dim batch = g.batch(4);
                return reshape(g.input("x", {batch, 6}), {batch, 3, 2});
              }) == "f32[batch=4, 3, 2]");
static_assert(type_of([](Graph& g) { return transpose(x23(g)); }) == "f32[3, 2]");
static_assert(type_of([](Graph& g) { return transpose(g.input("x", {2, 3, 4}), {2, 0, 1}); }) ==
              "f32[4, 2, 3]");
static_assert(type_of([](Graph& g) { return transpose(g.input("x", {2, 3, 4}), {0, -1, -2}); }) ==
              "f32[2, 4, 3]");
static_assert(type_of([](Graph& g) { return slice(x23(g), 1, 1, 2); }) == "f32[2, 2]");
static_assert(type_of([](Graph& g) { return slice(x23(g), -1, 0, 1); }) == "f32[2, 1]");
static_assert(type_of([](Graph& g) { return pad(x23(g), 0, 1, 2); }) == "f32[5, 3]");
static_assert(type_of([](Graph& g) { return concat(x23(g), g.input("y", {2, 5}), 1); }) ==
              "f32[2, 8]");
static_assert(type_of([](Graph& g) { return broadcast(v3(g), {2, 3}); }) == "f32[2, 3]");

// --- Reductions
// -----------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return sum(x23(g)); }) == "f32[]");
static_assert(type_of([](Graph& g) { return sum(x23(g), {0}); }) == "f32[3]");
static_assert(type_of([](Graph& g) { return sum(x23(g), {-1}, Keep::kYes); }) == "f32[2, 1]");
static_assert(type_of([](Graph& g) { return max(x23(g), {1}); }) == "f32[2]");
static_assert(type_of([](Graph& g) { return mean(g.input("x", {2, 3, 4}), {2, 0}); }) == "f32[3]");

// --- Contraction
// ------------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) { return matmul(x23(g), g.input("w", {3, 5})); }) ==
              "f32[2, 5]");
static_assert(type_of([](Graph& g) {
                return matmul(g.input("x", {7, 2, 3}), g.input("w", {3, 5}));
              }) == "f32[7, 2, 5]");
static_assert(type_of([](Graph& g) {
                return matmul(g.input("q", {7, 4, 2, 3}), g.input("k", {7, 4, 3, 5}));
              }) == "f32[7, 4, 2, 5]");
static_assert(type_of([](Graph& g) { return matmul(v3(g), g.input("w", {3, 5})); }) == "f32[5]");
static_assert(type_of([](Graph& g) { return matmul(x23(g), v3(g)); }) == "f32[2]");
// Batch axes first, then what is free on the left, then on the right.
static_assert(type_of([](Graph& g) {
                const ContractAxes axes{
                    .left_batch = {1}, .right_batch = {0}, .left_over = {2}, .right_over = {2}};
                return contract(g.input("a", {2, 3, 4}), g.input("b", {3, 5, 4}), axes);
              }) == "f32[3, 2, 5]");

// --- Gather, scatter, one_hot
// --------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) {
                const Tensor tokens = g.tokens("t", {g.batch(8), 3}, 27);
                return gather(g.parameter("table", {27, 10}, normal(1)), tokens);
              }) == "f32[batch=8, 3, 10]");
static_assert(type_of([](Graph& g) {
                const Tensor tokens = g.tokens("t", {4}, 27);
                return scatter(g.input("x", {4, 10}), tokens, 27);
              }) == "f32[27, 10]");
static_assert(type_of([](Graph& g) { return one_hot(g.tokens("t", {4, 2}, 27), 27); }) ==
              "f32[4, 2, 27]");

// --- Directives
// -------------------------------------------------------------------------------------------------

static_assert(type_of([](Graph& g) {
                const Tensor x = x23(g);
                return grad(sum(x * x), x);
              }) == "f32[2, 3]");
// A gradient is a tensor like any other, so that it has gradients too.
static_assert(type_of([](Graph& g) {
                const Tensor x = x23(g);
                return grad(sum(grad(sum(exp(x)), x)), x);
              }) == "f32[2, 3]");
static_assert(type_of([](Graph& g) { return training(x23(g), g.input("y", {2, 3})); }) ==
              "f32[2, 3]");

// --- The rule of every op in the table
// ----------------------------------------------------------------------------

constexpr bool table_is_complete() {
  for (const OpInfo& row : kOpTable) {
    if (row.infer == nullptr || row.arity < 0 || row.arity > kMaxOperands) return false;
    if (std::string_view(row.name).empty() || std::string_view(row.doc).empty()) return false;
    for (const OpInfo& other : kOpTable)
      if (&row != &other && std::string_view(row.name) == other.name) return false;
  }
  return std::size(kOpTable) == Ops::size;
}
static_assert(table_is_complete());

}  // namespace
}  // namespace gradc
