// Attention and positions, composed from the op table. The compiler recognises attend() however it
// is spelled, and never stores the scores of all pairs.
//
// Shapes: B batch, T queries, S keys, H heads, G groups of heads that share keys and values, D the
// width of a head.
#pragma once

#include <gradc/nn.h>

#include <limits>

namespace gradc::nn {

// Which keys a query sees; all if nothing is said.
struct Visibility {
  bool causal = false;                 // query i sees keys 0 .. i
  std::optional<Tensor> lengths = {};  // i32 [B]: keys 0 .. lengths - 1
  // i32 [B, T]: how many keys before it a query sees, so that several sequences can share a row.
  std::optional<Tensor> position = {};
};

namespace detail {

// 1 where a query sees a key, else 0; it broadcasts to [B, G, T, H / G, S].
constexpr Tensor visible(Graph& graph, Dim batch, Dim queries, Dim keys,
                         const Visibility& visibility) {
  Tensor seen = graph.constant(1);
  const Tensor key = cast(graph.iota({keys}, 0));
  const auto both = [&](Tensor condition) {
    seen = seen.rank() == 0 ? condition : seen * condition;
  };
  if (visibility.causal) {
    const Shape square = {queries, Dim(1), keys};
    both(less_equal(cast(graph.iota(square, 2)), cast(graph.iota(square, 0))));
  }
  if (visibility.lengths) both(less(key, reshape(cast(*visibility.lengths), {batch, 1, 1, 1, 1})));
  if (visibility.position) {
    const Tensor query = cast(graph.iota({batch, queries}, 1));
    both(less_equal(reshape(query - cast(*visibility.position), {batch, 1, queries, 1, 1}), key));
  }
  return seen;
}

}  // namespace detail

// softmax(q k / sqrt(D)) v over the keys that each query sees: q [B, T, H, D], k and v [B, S, G, D]
// to [B, T, H, D]. Head h reads keys and values of group h G / H. A query that sees no key is NaN.
// Vaswani et al. (2017); groups by Ainslie et al. (2023).
constexpr Tensor attend(Operand q, Operand k, Operand v, const Visibility& visibility = {},
                        double dropout_rate = 0) {
  Graph& graph = *q.tensor.graph;
  const Graph::At at(graph, q.where);
  const Tensor none = q.tensor;
  if (q.tensor.type().poisoned() || k.tensor.type().poisoned() || v.tensor.type().poisoned())
    return none;
  if (q.tensor.rank() != 4 || k.tensor.rank() != 4 || v.tensor.rank() != 4) {
    graph.report("attention takes queries, keys and values of [batch, time, heads, width], found " +
                     to_text(q.tensor.shape()) + ", " + to_text(k.tensor.shape()) + " and " +
                     to_text(v.tensor.shape()),
                 graph.locate(q.where));
    return none;
  }
  if (q.tensor.dim(0).time || k.tensor.dim(0).time) {
    graph.report("attention runs along the second axis, but in " +
                     to_text((q.tensor.dim(0).time ? q : k).tensor.shape()) +
                     " the first one is the time: declare [batch, time, ...]",
                 graph.locate(q.where));
    return none;
  }
  const Dim batch = q.tensor.dim(0), queries = q.tensor.dim(1), heads = q.tensor.dim(2),
            width = q.tensor.dim(3), keys = k.tensor.dim(1), groups = k.tensor.dim(2);
  if (heads.size % groups.size != 0) {
    graph.report("attention shares " + to_text(groups.size) + " heads of keys among " +
                     to_text(heads.size) + " heads, which is no whole number each",
                 graph.locate(q.where));
    return none;
  }
  const Dim shared(heads.size / groups.size);
  ContractAxes over_width, over_keys;
  over_width.left_batch = {0, 2}, over_width.right_batch = {0, 2};
  over_width.left_over = {4}, over_width.right_over = {3};
  over_keys.left_batch = {0, 1}, over_keys.right_batch = {0, 2};
  over_keys.left_over = {4}, over_keys.right_over = {1};

  Tensor score = contract(reshape(q, {batch, queries, groups, shared, width}), k, over_width) *
                 (1 / square_root(static_cast<double>(width.size)));
  const Tensor seen = detail::visible(graph, batch, queries, keys, visibility);
  if (seen.rank() > 0) score = where(seen, score, -std::numeric_limits<double>::infinity());
  const Tensor mixed = contract(dropout(softmax(score), dropout_rate), v, over_keys);
  return reshape(transpose(mixed, {0, 2, 1, 3, 4}), {batch, queries, heads, v.tensor.dim(3)});
}

// --- Positions ----------------------------------------------------------------------------------

// 0, 1, 2, ... as angles: position times base^(-2 i / width) for i < width / 2, [T, width / 2].
constexpr Tensor angles(Graph& graph, Dim time, std::int64_t width, double base = 10000) {
  const Shape shape = {time, width / 2};
  const double scale = -2 / static_cast<double>(width);
  const Tensor frequency = exp(scale * log(graph.constant(base)) * cast(graph.iota(shape, 1)));
  return cast(graph.iota(shape, 0)) * frequency;
}

// Turns each pair of elements i and i + D / 2 of x [B, T, H, D] by its angle. Su et al. (2021).
constexpr Tensor rotary(Operand x, double base = 10000) {
  Graph& graph = *x.tensor.graph;
  const Graph::At at(graph, x.where);
  const Dim time = x.tensor.dim(1), width = x.tensor.dim(3);
  if (x.tensor.rank() != 4 || width.size % 2 != 0) {
    graph.report("rotary positions take [batch, time, heads, an even width], found " +
                     to_text(x.tensor.shape()),
                 graph.locate(x.where));
    return x.tensor;
  }
  const std::int64_t half = width.size / 2;
  const Tensor angle = reshape(angles(graph, time, width.size, base), {time, 1, half});
  const Tensor a = slice(x, 3, 0, half), b = slice(x, 3, half, half);
  return concat(a * cos(angle) - b * sin(angle), b * cos(angle) + a * sin(angle), 3);
}

// sin and cos of the angles, side by side: [T, width]. Vaswani et al. (2017).
constexpr Tensor sinusoids(Graph& graph, Dim time, std::int64_t width,
                           std::source_location where = Graph::Where::current()) {
  const Graph::At at(graph, where);
  const Tensor angle = angles(graph, time, width);
  return concat(sin(angle), cos(angle), 1);
}

// A learned row for each position 0 .. T - 1 of a table of `rows`: [T, width]. A sequence longer
// than the table is refused.
constexpr Tensor positions(const Scope& scope, Dim time, std::int64_t rows, Dim width,
                           Initializer initializer = normal(0.02),
                           std::source_location where = Graph::Where::current()) {
  Graph& graph = scope.graph();
  const Graph::At at(graph, where);
  if (time.size > rows)
    graph.report(
        "a block of " + to_text(time.size) + " is longer than its " + to_text(rows) + " positions",
        graph.locate(where));
  return gather(scope.parameter("weight", {rows, width}, initializer), graph.iota({time}, 0));
}

// --- Layers -------------------------------------------------------------------------------------

// x [B, T, C] as heads [B, T, heads, C / heads].
constexpr Tensor split_heads(Operand x, std::int64_t heads) {
  Graph& graph = *x.tensor.graph;
  const Graph::At at(graph, x.where);
  const std::int64_t width = x.tensor.dim(-1).size;
  if (x.tensor.rank() != 3 || heads < 1 || width % heads != 0) {
    if (!x.tensor.type().poisoned())
      graph.report(
          x.tensor.rank() != 3
              ? "heads are split from [batch, time, width], found " + to_text(x.tensor.shape())
              : "a width of " + to_text(width) + " is not divided by " + to_text(heads) + " heads",
          graph.locate(x.where));
    return graph.append(op_of<Constant>, {}, {}, {Element::kPoison, {}}, graph.locate(x.where));
  }
  return reshape(x, {x.tensor.dim(0), x.tensor.dim(1), heads, width / heads});
}

// [B, T, heads, D] as [B, T, heads D].
constexpr Tensor merge_heads(Operand x) {
  const Graph::At at(*x.tensor.graph, x.where);
  if (x.tensor.type().poisoned()) return x.tensor;
  return reshape(x, {x.tensor.dim(0), x.tensor.dim(1), x.tensor.dim(2) * x.tensor.dim(3)});
}

struct AttentionOptions {
  std::int64_t heads = 1;
  std::int64_t groups = 0;  // heads of keys and values; 0: as many as there are heads
  Visibility visibility = {};
  double rotary = 0;   // base of rotary positions; 0: none
  double dropout = 0;  // of the weights of attention
  LinearOptions projection = {};
  LinearOptions output = {};
};

// Queries from x [B, T, C], keys and values from memory [B, S, M], back to [B, T, C]: layers
// "query", "key", "value" and "output".
constexpr Tensor attention(const Scope& scope, Operand x, Operand memory,
                           const AttentionOptions& options) {
  const Graph::At at(scope.graph(), x.where);
  const Dim width = x.tensor.dim(-1);
  const std::int64_t groups = options.groups > 0 ? options.groups : options.heads;
  const Dim shared = options.heads > 0 ? width.size / options.heads * groups : 1;
  const auto project = [&](const char* name, Tensor from, Dim outputs, std::int64_t heads) {
    return split_heads(linear(scope / name, from, outputs, options.projection), heads);
  };
  Tensor q = project("query", x.tensor, width, options.heads);
  Tensor k = project("key", memory.tensor, shared, groups);
  const Tensor v = project("value", memory.tensor, shared, groups);
  if (options.rotary != 0) {
    q = rotary(q, options.rotary);
    k = rotary(k, options.rotary);
  }
  return linear(scope / "output", merge_heads(attend(q, k, v, options.visibility, options.dropout)),
                width, options.output);
}
constexpr Tensor self_attention(const Scope& scope, Operand x, const AttentionOptions& options) {
  return attention(scope, x, x, options);
}

}  // namespace gradc::nn
