#include <graphs/composites.h>

#include <algorithm>

namespace gradc::graphs {
namespace {

// --- Attention ----------------------------------------------------------------------------------

// x times a new parameter, as heads of a width, of at most that magnitude.
Tensor heads_of(Pool& pool, Tensor x, std::int64_t heads, Dim width, double bound) {
  const Tensor w = pool.parameter({x.dim(2), Dim(heads) * width});
  const double largest = static_cast<double>(x.dim(2).size) * pool.bound(x) * pool.bound(w);
  return reshape(matmul(x, w) * (bound / largest), {x.dim(0), x.dim(1), heads, width});
}

// A tensor of the pool that is a sequence for each row of the batch, or a new one.
Tensor sequence(Pool& pool) {
  static const std::vector<std::int64_t> lengths{4, 7, 16, 20, 37, 48, 64};
  for (int attempt = 0; attempt < 4; ++attempt) {
    const Tensor x = pool.any();
    const bool batched = x.rank() == 3 && x.dim(0) == pool.graph.batch_dim;
    if (batched && !x.dim(1).batched && !x.dim(2).batched && x.dim(1).size > 1) return x;
  }
  return pool.input({pool.graph.batch_dim, pool.dice.pick(lengths), pool.dice.pick(pool.dims)});
}

// What positions of x make of those of `source`, which it may be itself.
void attend(Pool& pool, Tensor x, Tensor source, std::int64_t groups, std::int64_t heads) {
  static const std::vector<std::int64_t> widths{1, 2, 4, 5, 8, 16};
  Dice& dice = pool.dice;
  const Dim width = dice.pick(widths), value_width = dice.pick(widths);
  const bool square = x.dim(1) == source.dim(1);
  const nn::Visibility visibility{.causal = square && dice.one_in(2)};
  const double dropout = dice.one_in(4) ? 0.25 : 0;
  // Scores of some units: some keys count and others hardly do.
  const Tensor q = heads_of(pool, x, heads, width, 4);
  const Tensor k = heads_of(pool, source, groups, width, 4);
  const Tensor v = heads_of(pool, source, groups, value_width, 2);
  const Tensor y = nn::attend(q, k, v, visibility, dropout);
  pool.keep(reshape(y, {x.dim(0), x.dim(1), Dim(heads) * value_width}), dropout > 0 ? 2 / 0.75 : 2);
}

void add_attention(Pool& pool) {
  const Tensor x = sequence(pool);
  const Tensor source = pool.dice.one_in(3) ? sequence(pool) : x;
  const std::int64_t groups = 1 + pool.dice.below(2);
  attend(pool, x, source, groups, groups * (1 + pool.dice.below(2)));
}

// --- Layers -------------------------------------------------------------------------------------

// x times a new matrix, of at most that magnitude.
Tensor projected(Pool& pool, Tensor x, Dim width, double bound) {
  return reshape(heads_of(pool, x, 1, width, bound), {x.dim(0), x.dim(1), width});
}

// An activation whose derivative is made of the sum and of a function of it, as that of GELU is.
void add_gated_layer(Pool& pool) {
  Dice& dice = pool.dice;
  const Tensor x = sequence(pool);
  const Tensor sum = projected(pool, x, dice.pick(pool.dims), 2);
  const Tensor gated = sum * (1 + tanh(sum * (dice.one_in(2) ? sum : sum * sum)));
  // Its bound is 4.
  const Tensor w = pool.parameter({gated.dim(2), dice.pick(pool.dims)});
  const double largest = 4 * static_cast<double>(gated.dim(2).size) * pool.bound(w);
  pool.keep(matmul(gated, w) * (2 / largest), 2);
}

// A matrix times a column for each example: the batch is the last axis.
void add_columns(Pool& pool) {
  const Dim width = pool.dice.pick(pool.dims);
  const Tensor w = pool.parameter({pool.dice.pick(pool.dims), width});
  const Tensor x = tanh(pool.input({pool.graph.batch_dim, width}));
  const double largest = static_cast<double>(width.size) * pool.bound(w);
  pool.keep(matmul(w, transpose(x, {1, 0})) * (2 / largest), 2);
}

// --- Tensors side by side -----------------------------------------------------------------------

// Whether a leaf may have that shape: the batch, if at all, comes first and as it is.
bool is_leaf_shape(const Pool& pool, const Shape& shape) {
  for (int axis = 0; axis < shape.size(); ++axis)
    if (shape[axis].batched && (axis > 0 || shape[axis] != pool.graph.batch_dim)) return false;
  return true;
}

// x and something made for it, along an axis; sometimes cut into slices again.
void add_join(Pool& pool) {
  Dice& dice = pool.dice;
  const Tensor x = pool.any();
  const int axis = pool.static_axis(x);
  if (axis < 0) return;
  Tensor whole = x;
  double bound = pool.bound(x);
  for (int part = 1 + dice.below(2); part > 0; --part) {
    Shape shape = x.shape();
    shape[axis] = dice.pick(pool.dims);
    const Tensor other = dice.one_in(2) || !is_leaf_shape(pool, shape) ? tanh(x)
                         : shape[0].batched                            ? pool.input(shape)
                                                                       : pool.parameter(shape);
    whole = dice.one_in(2) ? concat(whole, other, axis) : concat(other, whole, axis);
    bound = std::max(bound, 2.0);
  }
  if (!Pool::fits(whole.shape())) return;
  if (dice.one_in(2)) return (void)pool.keep(whole, bound);
  const std::int64_t size = whole.dim(axis).size, cut = 1 + dice.below(size - 1);
  pool.keep(slice(whole, axis, 0, cut), bound);
  pool.keep(tanh(slice(whole, axis, cut, size - cut)), 1);
}

// --- States -------------------------------------------------------------------------------------

// One place of a state takes a new value, as a decoder's caches do.
void add_placed_row(Pool& pool) {
  Shape shape = pool.shape(pool.dice.one_in(2));
  shape.push_back(pool.dice.pick(pool.dims));
  if (!Pool::fits(shape) || shape.size() < 2) return;
  const int axis = shape.size() - 2;
  if (shape[axis].batched || shape[axis].size == 1) return;
  Graph& graph = pool.graph;
  const Tensor state = pool.state(shape);
  const Tensor place = graph.tokens(pool.fresh("place"), {}, shape[axis]);
  Shape row = shape;
  row[axis] = Dim(1);
  const Tensor value = tanh(row[0].batched ? pool.input(row) : pool.parameter(row));
  const Tensor here = equal(cast(graph.iota(shape, axis)), broadcast(cast(place), shape));
  const Tensor next = where(here, broadcast(value, shape), state);
  graph.update(state, next);
  pool.keep(next, 2);
}

// Two states that take each other's value: neither can be overwritten first.
void add_exchange(Pool& pool) {
  const Shape shape = pool.shape(false);
  const Tensor a = pool.state(shape), b = pool.state(shape);
  pool.graph.update(a, sin(b));
  pool.graph.update(b, 0.5 * a);
}

// --- Tables -------------------------------------------------------------------------------------

// Rows of a table side by side, times a matrix, as in a language model of n-grams.
void add_embedding(Pool& pool) {
  Dice& dice = pool.dice;
  const Dim classes = dice.pick(pool.dims), width = dice.pick(pool.dims), count(1 + dice.below(4));
  const Tensor table = pool.parameter({classes, width});
  const Tensor tokens =
      pool.graph.tokens(pool.fresh("tokens"), {pool.graph.batch_dim, count}, classes);
  const Tensor rows = reshape(gather(table, tokens), {pool.graph.batch_dim, count * width});
  const Tensor w = pool.parameter({count * width, dice.pick(pool.dims)});
  pool.keep(matmul(rows, w), static_cast<double>(count.size * width.size) * 4);
}

// --- Precision ----------------------------------------------------------------------------------

// A product of numbers in fewer bits. What is rounded are leaves, of which the interpreter has the
// very same numbers: rounding makes a large difference of a small one.
void add_rounded_product(Pool& pool) {
  Dice& dice = pool.dice;
  static const std::vector<std::int64_t> extents{2, 5, 16, 33, 40};
  const Dim rows = dice.one_in(2) ? pool.graph.batch_dim : Dim(dice.pick(extents));
  const Dim terms = dice.pick(extents), columns = dice.pick(extents);
  // The batch comes first in a leaf.
  const auto rounded = [&](Dim first, Dim second, auto round) {
    const bool turned = second.batched || (!first.batched && dice.one_in(2));
    const Shape shape = turned ? Shape{second, first} : Shape{first, second};
    const Tensor x = round(shape[0].batched ? pool.input(shape) : pool.parameter(shape));
    return turned ? transpose(x, {1, 0}) : x;
  };
  const auto bf16 = [](Tensor x) { return round_to_bf16(x); };
  const Dim over = !rows.batched && dice.one_in(4) ? pool.graph.batch_dim : terms;
  const double bound = static_cast<double>(over.size) * 25;
  if (dice.one_in(3)) {
    const Tensor w = rounded(over, columns, [](Tensor x) { return round_to_int8(8 * x); });
    pool.keep(matmul(rounded(rows, over, [](Tensor x) { return x; }), w), bound * 8);
  } else {
    pool.keep(matmul(rounded(rows, over, bf16), rounded(over, columns, bf16)), bound);
  }
}

// --- Reshapes -----------------------------------------------------------------------------------

// Rows cut into such of another length that no loop over the ones is part of a loop over the
// others.
void add_other_rows(Pool& pool) {
  const std::int64_t count = 2 + pool.dice.below(5);
  const bool batched = pool.dice.one_in(2);
  Shape from, to;
  if (batched) {
    from.push_back(pool.graph.batch_dim);
    to.push_back(pool.graph.batch_dim);
  }
  for (const std::int64_t extent : {count, count + 1}) from.push_back(extent);
  for (const std::int64_t extent : {count + 1, count}) to.push_back(extent);
  const Tensor x = batched ? pool.input(from) : pool.parameter(from);
  pool.keep(reshape(sin(x), to), 1);
}

// --- Operands that fill caches ------------------------------------------------------------------

// A leaf that is too large for the ops of the pool.
Tensor apart(Pool& pool, Tensor leaf) {
  pool.bounds[leaf.node] = 2;
  return leaf;
}
Tensor large_parameter(Pool& pool, const Shape& shape) {
  return apart(pool, pool.graph.parameter(pool.fresh("parameter"), shape, normal(1)));
}

// A matrix: a leaf, or a value worked out from its two sides. Stored the other way round, it is
// read across its rows.
Tensor matrix(Pool& pool, Dim rows, Dim columns, bool turned) {
  if (turned) return transpose(matrix(pool, columns, rows, false), {1, 0});
  if (pool.dice.one_in(2)) return large_parameter(pool, {rows, columns});
  const Tensor x = tanh(large_parameter(pool, {rows, 1}) + large_parameter(pool, {1, columns}));
  pool.bounds[x.node] = 1;
  return x;
}

void add_large_contraction(Pool& pool) {
  struct Extents {
    std::int64_t rows, terms, columns;
  };
  static const std::vector<Extents> large{
      {264, 1024, 40},  // a left operand of more than the level-2 cache, in f64
      {12, 8300, 16},   // a panel of the right one of more than its share of it
      {4, 512, 520},    // few rows meet a large right operand
      {1, 512, 520},    // and one row does
      {40, 1700, 16},   // a left operand that is read across its rows for long
  };
  Dice& dice = pool.dice;
  const Extents& extents = dice.pick(large);
  const Dim batch = pool.graph.batch_dim;
  const bool batched = dice.one_in(2) && extents.rows > 1;
  const bool turned_left = dice.one_in(2), turned_right = dice.one_in(3);
  // The batch is a part of the rows.
  const std::int64_t rows = batched ? (extents.rows + batch.size - 1) / batch.size : extents.rows;
  Tensor x = matrix(pool, rows, extents.terms, turned_left);
  double bound = turned_left ? 2 : pool.bound(x);
  if (batched) {
    const Tensor each = pool.input({batch, 1, 1});
    x = sin(each) * x;
  }
  if (extents.rows == 1 && !batched) x = reshape(x, {extents.terms});
  const Tensor w = matrix(pool, extents.terms, extents.columns, turned_right);
  const Tensor y = matmul(x, w);
  if (dice.one_in(2)) pool.graph.output(pool.fresh("sums"), y);
  bound *= 2 * static_cast<double>(extents.terms);
  pool.keep(y, bound);
}

// Scores of so many keys that a tile has fewer rows.
void add_large_attention(Pool& pool) {
  const Dim batch = pool.graph.batch_dim;
  const Tensor x = apart(pool, pool.graph.input(pool.fresh("input"), {batch, 64, 4}));
  const Tensor source = apart(pool, pool.graph.input(pool.fresh("input"), {batch, 1024, 3}));
  attend(pool, x, source, 1, 1);
}

// An expression of scalars at many points, which move by what it is there, and its mean.
void add_points(Pool& pool) {
  Dice& dice = pool.dice;
  static const std::vector<std::int64_t> extents{2048, 3072, 4112};
  const Shape points{Dim(dice.pick(extents))};
  const Tensor a = pool.state(points), b = pool.state(points);
  const Tensor each = sin(a) * b + (dice.one_in(2) ? exp(-b * b) : a);
  pool.graph.update(a, dice.one_in(2) ? sin(b) * each * 0.25 : sin(a) - 0.1 * each);
  pool.graph.update(b, 0.5 * a + 0.1 * each);
  pool.keep(sum(each) * (1 / static_cast<double>(points[0].size)), 4);
}

}  // namespace

void add_composite(Pool& pool) {
  static const std::vector<void (*)(Pool&)> smooth{add_attention, add_gated_layer, add_columns,
                                                   add_join,      add_placed_row,  add_exchange,
                                                   add_embedding, add_other_rows};
  const int kinds = static_cast<int>(smooth.size());
  const int kind = pool.dice.below(pool.options.differentiable ? kinds : kinds + 1);
  if (kind == kinds)
    add_rounded_product(pool);
  else
    smooth[static_cast<std::size_t>(kind)](pool);
}

void add_large(Pool& pool) {
  if (pool.dice.one_in(4)) return add_large_attention(pool);
  add_large_contraction(pool);
  if (pool.dice.one_in(4)) add_points(pool);
}

}  // namespace gradc::graphs
