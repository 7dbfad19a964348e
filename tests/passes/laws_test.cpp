// Every law of simplify has an example here: its rule fires on it, alone, and keeps its values.
#include <functional>

#include "eval/random_bindings.h"
#include "ir/compact.h"
#include "ir/rewrite.h"
#include "passes/simplify.h"
#include "values.h"

namespace gradc::passes {
namespace {

// What an example may use: real inputs of a few shapes, tokens, and their repeats.
struct Declared {
  Graph& g;
  Dim batch = g.batch(4);
  Tensor x = g.input("x", {batch, 3}), y = g.input("y", {batch, 3}), z = g.input("z", {3, 5});
  Tensor u = g.input("u", {batch}), v = g.input("v", {3}), w = g.input("w", {3});
  Tensor s = g.input("s", {}), t = g.input("t", {}), one = g.input("one", {1});
  Tensor cube = g.input("cube", {2, 3, 5});
  Tensor tokens = g.tokens("tokens", {batch}, 3);

  Tensor c(double value) const { return g.constant(value); }
  Tensor fill(double value) const { return broadcast(c(value), x.shape()); }  // as x
  Tensor rows(Tensor a) const { return broadcast(a, x.shape()); }             // [3] as x
  Tensor columns(Tensor a) const {                                            // [batch] as x
    Attributes sources;
    sources.ints = {0, -1};
    return a.graph->append(op_of<Broadcast>, {a.node}, sources, x.type(), {});
  }
  Tensor units(Tensor a) const { return reshape(a, {a.dim(0), 1, a.dim(1)}); }
  // 1 where the token is the column, as x.
  Tensor hot() const { return equal(columns(cast(tokens)), cast(g.iota(x.shape(), 1))); }
  Tensor total(Tensor a) const { return sum(a, {1}); }
};

struct Example {
  const char* law;
  std::function<Tensor(const Declared&)> declare;
};

const Example kExamples[] = {
    {"f(c, d) = its value", [](auto& d) { return maximum(d.c(2), d.c(3)); }},
    // arithmetic
    {"detach(x) = x", [](auto& d) { return detach(d.x); }},
    {"y + x = x + y", [](auto& d) { return d.y + d.x; }},
    {"x + 0 = x", [](auto& d) { return d.x + 0; }},
    {"x - 0 = x", [](auto& d) { return d.x - 0; }},
    {"0 - x = -x", [](auto& d) { return 0 - d.x; }},
    {"x - c = x + (-c)", [](auto& d) { return d.x - 2; }},
    {"x - x = 0", [](auto& d) { return d.x - d.x; }},
    {"x * 1 = x", [](auto& d) { return d.x * 1; }},
    {"x * 0 = 0", [](auto& d) { return d.x * 0; }},
    {"x * -1 = -x", [](auto& d) { return d.x * -1; }},
    {"x / 1 = x", [](auto& d) { return d.x / 1; }},
    {"0 / x = 0", [](auto& d) { return 0 / exp(d.x); }},
    {"x / x = 1", [](auto& d) { return d.x / d.x; }},
    {"x * (1 / x) = 1", [](auto& d) { return d.s * (1 / d.s); }},
    {"(1 / x) / x = (1 / x) * (1 / x)", [](auto& d) { return 1 / exp(d.x) / exp(d.x); }},
    {"x / c = x * (1 / c)", [](auto& d) { return d.x / 3; }},
    {"-(-x) = x", [](auto& d) { return -(-d.x); }},
    {"-(x - y) = y - x", [](auto& d) { return -(d.x - d.y); }},
    {"x + (-y) = x - y", [](auto& d) { return d.x + -d.y; }},
    {"(-x) + y = y - x", [](auto& d) { return -d.x + d.y; }},
    {"x - (-y) = x + y", [](auto& d) { return d.x - d.y * -d.s; }},
    {"(-x) - y = -(x + y)", [](auto& d) { return -d.x - d.y; }},
    {"(x + c) + d = x + (c + d)", [](auto& d) { return d.x + 2 + 3; }},
    {"(x * c) * d = x * (c * d)", [](auto& d) { return d.x * 2 * 3; }},
    {"(x + c) + (y + d) = (x + y) + (c + d)",
     [](auto& d) { return (d.y - (d.x * 2 + 3)) - ((d.x + 1) - d.y) + (4 - (exp(d.x) + 2)); }},
    {"x * (x * y) = (x * x) * y", [](auto& d) { return d.x * (d.y * d.x); }},
    {"x * y + x * z = x * (y + z)",
     [](auto& d) { return d.x * d.y - (sin(d.y) * d.x) * cos(d.y) + sum(d.s - d.s * d.t); }},
    {"(x * y + w) + x * z = x * (y + z) + w for polynomials y, z",
     [](auto& d) {
       const Tensor e = exp(d.x);
       return (d.y - e * 3) + d.y * e * d.x * 2 - (e * d.x * d.x * 4 - sin(d.y));
     }},
    {"log(exp(x)) = x", [](auto& d) { return log(exp(d.x)); }},
    {"exp(log(x)) = x", [](auto& d) { return exp(log(abs(d.x))); }},
    {"sqrt(x) * sqrt(x) = x", [](auto& d) { return sqrt(abs(d.x)) * sqrt(abs(d.x)); }},
    {"f(f(x)) = f(x), f = relu, abs, sign", [](auto& d) { return relu(relu(d.x)); }},
    {"f(-x) = f(x), f = abs, cos", [](auto& d) { return cos(-d.x); }},
    {"f(-x) = -f(x), f = tanh, erf, sin, sign", [](auto& d) { return tanh(-d.x); }},
    {"maximum(x, x) = x", [](auto& d) { return minimum(d.x, d.x); }},
    {"maximum(x, 0) = relu(x)", [](auto& d) { return maximum(d.x, 0); }},
    {"less(x, x) = 0", [](auto& d) { return less(d.x, d.x) + less_equal(d.x, d.x); }},
    {"where(c, x, y) = x or y", [](auto& d) { return where(d.fill(1), d.x, d.y); }},
    {"where(m, x, x) = x", [](auto& d) { return where(d.y, d.x, d.x); }},
    {"where(m, 1, 0) = m for a comparison m", [](auto& d) { return where(less(d.x, d.y), 1, 0); }},
    // views
    {"view(x) = x, every element at its place", [](auto& d) { return transpose(d.x, {0, 1}); }},
    {"reshape(reshape(x)) = reshape(x)",
     [](auto& d) { return reshape(reshape(d.z, {5, 3}), {15}); }},
    {"transpose(transpose(x, p), q) = transpose(x, p * q)",
     [](auto& d) { return transpose(transpose(d.cube, {1, 2, 0}), {0, 2, 1}); }},
    {"transpose(x) = reshape(x), only unit axes moved",
     [](auto& d) { return transpose(d.units(d.z), {0, 2, 1}); }},
    {"slice(slice(x)) = slice(x)", [](auto& d) { return slice(slice(d.z, 1, 1, 4), 1, 1, 2); }},
    {"pad(pad(x)) = pad(x)", [](auto& d) { return pad(pad(d.z, 1, 1, 0), 0, 2, 1); }},
    {"pad(0) = 0", [](auto& d) { return pad(d.fill(0), 1, 1, 1); }},
    {"slice(pad(x)) = slice(x) or 0", [](auto& d) { return slice(pad(d.z, 1, 2, 2), 1, 3, 2); }},
    {"slice(pad(x) + y) = slice(pad(x)) + slice(y)",
     [](auto& d) { return slice(concat(d.x, d.y, 1), 1, 3, 3); }},
    // broadcasts
    {"repeat(x) = x, nothing repeated",
     [](auto& d) {
       Attributes same;
       same.ints = {0};
       return d.g.append(op_of<Broadcast>, {d.v.node}, same, d.v.type(), {});
     }},
    {"repeat(repeat(x)) = repeat(x)",
     [](auto& d) { return broadcast(broadcast(d.v, {5, 3}), {2, 5, 3}); }},
    {"repeat(x[.., 1, ..]) = repeat(x[.., ..])",
     [](auto& d) { return broadcast(reshape(d.v, {3, 1}), {3, 5}); }},
    {"repeat(x) = reshape(x), only unit axes new", [](auto& d) { return broadcast(d.v, {1, 3}); }},
    {"reshape(s) = repeat(s)", [](auto& d) { return reshape(d.s, {1, 1}); }},
    {"f(repeat(x), repeat(y)) = repeat(f(x, y))",
     [](auto& d) { return d.rows(d.v) - d.rows(d.w) * d.s; }},
    {"f(reshape(x), reshape(y)) = reshape(f(x, y)), unit axes",
     [](auto& d) { return d.units(d.x) - d.units(d.y); }},
    {"x / repeat(v) = x * repeat(1 / v)", [](auto& d) { return d.x / d.rows(d.v); }},
    {"reshape(repeat(x)) = repeat(x)",
     [](auto& d) { return reshape(d.columns(d.u), {d.batch, 1, 3}); }},
    {"transpose(repeat(x)) = repeat(transpose(x))",
     [](auto& d) { return transpose(broadcast(d.z, {2, 3, 5}), {2, 0, 1}); }},
    {"slice(repeat(x)) = repeat(slice(x))", [](auto& d) { return slice(d.rows(d.v), 1, 1, 2); }},
    {"gather(repeat(row), i) = repeat(row)",
     [](auto& d) { return gather(broadcast(d.v, {7, 3}), d.tokens); }},
    // reductions
    {"sum(x, no axes) = x", [](auto& d) { return detail::unary<Sum>(d.x, {}); }},
    {"sum(x, unit axes) = reshape(x)", [](auto& d) { return max(d.units(d.x), {1}); }},
    {"sum(sum(x)) = sum(x)", [](auto& d) { return sum(sum(d.cube, {1}), {0}); }},
    {"sum(reshape(x)) = reshape(sum(x)), unit axes",
     [](auto& d) { return max(d.units(d.x), {2}); }},
    {"sum(reshape(x), all axes) = sum(x, all axes)",
     [](auto& d) { return sum(reshape(d.z, {5, 3})); }},
    {"sum(transpose(x)) = transpose(sum(x))",
     [](auto& d) { return sum(transpose(d.cube, {2, 0, 1}), {1}); }},
    {"sum(repeat(x)) = x * n, max(repeat(x)) = x",
     [](auto& d) { return sum(d.rows(d.v), {0}) + max(d.rows(d.w), {0}); }},
    {"sum(pad(x)) = pad(sum(x))", [](auto& d) { return sum(pad(d.cube, 1, 1, 2), {0}); }},
    {"sum(x - repeat(mean(x))) = 0",
     [](auto& d) { return d.total(d.x - d.columns(d.total(d.x) * (1. / 3))); }},
    {"sum(x * repeat(v)) = sum(x) * v", [](auto& d) { return d.total(d.x * d.columns(d.u)); }},
    {"sum(x * repeat(v) * y) = sum(x * y * repeat(v))",
     [](auto& d) { return d.total((d.x * d.columns(d.u)) * d.y); }},
    // softmax
    {"sum(one_hot(i)) = 1", [](auto& d) { return sum(d.hot()); }},
    {"sum(softmax(x)) = 1",
     [](auto& d) {
       const Tensor e = exp(d.x);
       return d.total(e * d.columns(1 / d.total(e)));
     }},
    {"x * repeat(1 / sum e) * e = x * (e * repeat(1 / sum e))",
     [](auto& d) {
       const Tensor e = exp(d.x);
       return (d.y * d.columns(1 / d.total(e))) * e;
     }},
    {"exp(log_softmax(x)) = softmax(x)",
     [](auto& d) { return exp(d.x - d.columns(log(d.total(exp(d.x))))); }},
    // gather and scatter
    {"scatter(0, i) = 0", [](auto& d) { return scatter(d.fill(0), d.tokens, 7); }},
    {"contract(one_hot(i), x) = gather(x, i)", [](auto& d) { return matmul(d.hot(), d.z); }},
    {"contract(transpose(one_hot(i)), x) = scatter(x, i)",
     [](auto& d) { return contract(d.hot(), d.y, {{}, {}, {0}, {0}}); }},
    // contractions
    {"contract(s, x) = x * s", [](auto& d) { return contract(d.s, d.x, {}); }},
    {"contract(transpose(x), y) = contract(x, y), axes renamed",
     [](auto& d) { return contract(d.x, transpose(d.z), {{}, {}, {1}, {1}}); }},
    {"transpose(contract(x, y)) = contract(y, x)",
     [](auto& d) { return transpose(matmul(d.x, d.z)); }},
    {"contract over (p, q) = contract over (q, p)",
     [](auto& d) { return contract(d.cube, d.z, {{}, {}, {2, 1}, {1, 0}}); }},
    {"contract(x, repeat(y)) over the repeated axis = contract(sum(x), y)",
     [](auto& d) { return matmul(d.x, broadcast(d.g.input("e", {5}), {3, 5})); }},
    {"contract(x, repeat(y)) along a free axis = repeat(contract(x, y))",
     [](auto& d) {
       Attributes sources;
       sources.ints = {0, -1};
       const Type type{d.v.type().element, {3, 7}};
       return matmul(d.x, d.g.append(op_of<Broadcast>, {d.v.node}, sources, type, {}));
     }},
    // scalars
    {"(x * s) * y = (x * y) * s", [](auto& d) { return d.x * d.s * d.y + d.x * d.s * d.t; }},
    {"(x * s) / y = (x / y) * s", [](auto& d) { return d.x * d.s / exp(d.y); }},
    {"x / (y * s) = (x / y) * (1 / s)", [](auto& d) { return d.x / (exp(d.y) * exp(d.s)); }},
    {"(-c) / x = -(c / x)", [](auto& d) { return -2 / exp(d.s); }},
    {"repeat(s) / x = (1 / x) * s", [](auto& d) { return d.s / exp(d.x); }},
    {"-(x * s) = x * (-s)", [](auto& d) { return -(d.x * d.s); }},
    {"f(x * s) = f(x) * s for sums, views, gather, scatter",
     [](auto& d) {
       return sum(scatter(d.x * d.s, d.tokens, 3)) + sum(gather(d.z * d.t, d.tokens));
     }},
    {"contract(x * s, y) = contract(x, y) * s", [](auto& d) { return matmul(-d.x, d.z * d.s); }},
    {"where(m, x * s, y * s) = where(m, x, y) * s",
     [](auto& d) { return where(less(d.x, d.y), d.x * d.s, 0); }},
    {"x * s + x * t = x * (s + t)", [](auto& d) { return d.x + d.x * d.s; }},
    {"(x * s + y) + x * t = x * (s + t) + y",
     [](auto& d) { return (d.x * d.s - d.y) - d.x * d.t + (d.y - (d.x + d.y * d.t)); }},
    {"x * s + y * s = (x + y) * s", [](auto& d) { return d.x * d.s - d.y * d.columns(d.u * d.s); }},
    {"x * repeat(v) + repeat(w * v) = (x + repeat(w)) * repeat(v)",
     [](auto& d) { return d.rows(d.v * d.w) - d.x * d.rows(d.v); }},
    {"x * repeat(v) * s + y = x * repeat(v * s) + y",
     [](auto& d) { return d.x * d.rows(d.v) * d.s + d.y; }},
};

const Example* example_of(const char* law) {
  for (const Example& example : kExamples)
    if (std::string_view(example.law) == law) return &example;
  return nullptr;
}

Graph graph_of(const Example& example) {
  Graph graph;
  const Declared declared{graph};
  graph.output("result", example.declare(declared));
  EXPECT_TRUE(graph.diagnostics.empty()) << example.law;
  return graph;
}

TEST(Laws, EveryRuleFiresOnItsExampleAndKeepsItsValues) {
  for (const ir::Rule& rule : simplify_rules()) {
    const Example* example = example_of(rule.law);
    ASSERT_NE(example, nullptr) << "no example of: " << rule.law;
    SCOPED_TRACE(rule.law);
    const Graph graph = ir::compact(graph_of(*example));
    std::vector<int> fired;
    const Graph after = ir::rewrite(graph, {&rule, 1}, &fired);
    EXPECT_GT(fired[0], 0);
    for (const std::int64_t batch : {4, 1, 3})
      expect_same_values(after, graph, eval::random_bindings(graph, 5, batch), 1e-13);
    expect_same_values(simplify(graph), graph, eval::random_bindings(graph, 6), 1e-13);
  }
}

TEST(Laws, EveryExampleIsOfALaw) {
  for (const Example& example : kExamples) {
    bool known = false;
    for (const ir::Rule& rule : simplify_rules())
      known = known || std::string_view(rule.law) == example.law;
    EXPECT_TRUE(known) << example.law;
  }
}

}  // namespace
}  // namespace gradc::passes
