// The second half of the op table: reductions, broadcasts, views, contractions, gather and scatter.
//
// Their `vjp` takes the operands as a list and the op's attributes; the rest is as in ops.h.
#pragma once

#include <gradc/ops.h>

namespace gradc {

// --- Views
// ------------------------------------------------------------------------------------------

struct Reshape : Structural<Kind::kView, 1, infer_reshape> {
  static constexpr auto name = "reshape",
                        doc = "the same elements in row-major order, other extents";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
constexpr Tensor reshape(Operand x, const Shape& shape) {
  return detail::unary<Reshape>(x, {}, {x.tensor.type().element, shape});
}
constexpr Tensors Reshape::vjp(Tensor g, Tensor, const Tensors& x, const Attributes&) {
  return args(reshape(g, x[0].shape()));
}

struct Transpose : Structural<Kind::kView, 1, infer_transpose> {
  static constexpr auto name = "transpose", doc = "axes in another order";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
// Axis i of the result is axis `order[i]` of x.
constexpr Tensor transpose(Operand x, Axes order) {
  for (int& axis : order)
    if (axis < 0) axis += x.tensor.rank();
  return detail::unary<Transpose>(x, detail::ints_of(order));
}
// The last two axes exchanged.
constexpr Tensor transpose(Operand x) {
  Axes order;
  const int rank = x.tensor.rank();
  for (int axis = 0; axis < rank; ++axis)
    order.push_back(axis < rank - 2 ? axis : 2 * rank - 3 - axis);
  return transpose(x, order);
}
constexpr Tensors Transpose::vjp(Tensor g, Tensor, const Tensors&, const Attributes& attributes) {
  Axes inverse;
  for (int i = 0; i < attributes.ints.size(); ++i) inverse.push_back(0);
  for (int i = 0; i < attributes.ints.size(); ++i)
    inverse[static_cast<int>(attributes.ints[i])] = i;
  return args(transpose(g, inverse));
}

struct Slice : Structural<Kind::kView, 1, infer_slice> {
  static constexpr auto name = "slice", doc = "a box cut out";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
struct Pad : Structural<Kind::kView, 1, infer_pad> {
  static constexpr auto name = "pad", doc = "zeros around";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
// `extent` elements along `axis`, from `start`.
constexpr Tensor slice(Operand x, int axis, std::int64_t start, std::int64_t extent) {
  const int rank = x.tensor.rank();
  if (axis < 0) axis += rank;
  Attributes attributes;
  for (int i = 0; i < rank; ++i) attributes.ints.push_back(i == axis ? start : 0);
  for (int i = 0; i < rank; ++i)
    attributes.ints.push_back(i == axis ? extent : x.tensor.shape()[i].size);
  return detail::unary<Slice>(x, attributes);
}
// `before` and `after` zeros along `axis`.
constexpr Tensor pad(Operand x, int axis, std::int64_t before, std::int64_t after) {
  const int rank = x.tensor.rank();
  if (axis < 0) axis += rank;
  Attributes attributes;
  for (int i = 0; i < rank; ++i) attributes.ints.push_back(i == axis ? before : 0);
  for (int i = 0; i < rank; ++i) attributes.ints.push_back(i == axis ? after : 0);
  return detail::unary<Pad>(x, attributes);
}
// a, then b, along `axis`.
constexpr Tensor concat(Operand a, Operand b, int axis) {
  const std::int64_t left = a.tensor.dim(axis), right = b.tensor.dim(axis);
  return Operand(pad(a, axis, 0, right), a.where) + Operand(pad(b, axis, left, 0), b.where);
}
constexpr Tensors Slice::vjp(Tensor g, Tensor, const Tensors& x, const Attributes& attributes) {
  const int rank = x[0].rank();
  Attributes widths;
  for (int i = 0; i < rank; ++i) widths.ints.push_back(attributes.ints[i]);
  for (int i = 0; i < rank; ++i)
    widths.ints.push_back(x[0].shape()[i].size - attributes.ints[i] - attributes.ints[rank + i]);
  return args(detail::unary<Pad>(g, widths));
}
constexpr Tensors Pad::vjp(Tensor g, Tensor, const Tensors& x, const Attributes& attributes) {
  const int rank = x[0].rank();
  Attributes box;
  for (int i = 0; i < rank; ++i) box.ints.push_back(attributes.ints[i]);
  for (int i = 0; i < rank; ++i) box.ints.push_back(x[0].shape()[i].size);
  return args(detail::unary<Slice>(g, box));
}

// --- Broadcast and reductions
// -------------------------------------------------------------------------

struct Broadcast : Structural<Kind::kBroadcast, 1, infer_broadcast> {
  static constexpr auto name = "broadcast", doc = "repeated along new or unit axes";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
// x repeated to `shape` by numpy's rules.
constexpr Tensor broadcast(Operand x, const Shape& shape) {
  Graph& graph = *x.tensor.graph;
  return detail::broadcast_to(x.tensor, shape, graph.locate(x.where));
}

struct Sum : Structural<Kind::kReduce, 1, infer_reduce> {
  static constexpr auto name = "sum", doc = "sum over axes";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
struct Max : Structural<Kind::kReduce, 1, infer_reduce> {
  static constexpr auto name = "max", doc = "largest element over axes";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};

namespace detail {
// y, a reduction of x over `axes`, repeated to the shape of x.
constexpr Tensor repeat(Tensor y, const Shape& shape, const Attributes& axes) {
  Attributes sources;
  int next = 0, source = 0;
  for (int axis = 0; axis < shape.size(); ++axis) {
    const bool reduced = next < axes.ints.size() && axes.ints[next] == axis;
    if (reduced) ++next;
    sources.ints.push_back(reduced ? -1 : source++);
  }
  return y.graph->append(op_of<Broadcast>, {y.node}, sources, {y.type().element, shape}, {});
}
constexpr Axes all_axes(int rank) {
  Axes axes;
  for (int axis = 0; axis < rank; ++axis) axes.push_back(axis);
  return axes;
}
template <class Block>
constexpr Tensor reduce(Operand x, const Axes& axes, bool keep) {
  const Attributes attributes = ints_of(normalized(axes, x.tensor.rank()));
  const Tensor y = unary<Block>(x, attributes);
  if (!keep || y.type().poisoned()) return y;
  Shape shape = x.tensor.shape();
  for (std::int64_t axis : attributes.ints) shape[static_cast<int>(axis)] = Dim(1);
  return reshape(Operand(y, x.where), shape);
}
}  // namespace detail

enum class Keep : bool { kNo, kYes };  // keep reduced axes as extents of 1

constexpr Tensor sum(Operand x, Axes axes, Keep keep = Keep::kNo) {
  return detail::reduce<Sum>(x, axes, keep == Keep::kYes);
}
constexpr Tensor sum(Operand x) { return sum(x, detail::all_axes(x.tensor.rank())); }
constexpr Tensor max(Operand x, Axes axes, Keep keep = Keep::kNo) {
  return detail::reduce<Max>(x, axes, keep == Keep::kYes);
}
constexpr Tensor mean(Operand x, Axes axes, Keep keep = Keep::kNo) {
  Graph& graph = *x.tensor.graph;
  const Graph::At at(graph, x.where);
  const Tensor total = sum(x, axes, keep);
  double count = 1;
  bool batched = false;
  if (total.type().poisoned()) return total;
  for (int axis : detail::normalized(axes, x.tensor.rank())) {
    const Dim dim = x.tensor.dim(axis);
    batched = batched || dim.batched;
    count *= static_cast<double>(dim.batched ? dim.size / graph.batch_dim.size : dim.size);
  }
  if (!batched) return total * (1 / count);
  return total / (count * graph.extent(graph.batch_dim, x.where));
}
constexpr Tensor mean(Operand x) { return mean(x, detail::all_axes(x.tensor.rank())); }

// A repeated axis adds its cotangents up.
constexpr Tensors Broadcast::vjp(Tensor g, Tensor, const Tensors& x, const Attributes& attributes) {
  Axes repeated;
  for (int axis = 0; axis < attributes.ints.size(); ++axis) {
    const int source = static_cast<int>(attributes.ints[axis]);
    if (source < 0 || !(x[0].shape()[source] == g.shape()[axis])) repeated.push_back(axis);
  }
  const Tensor total = repeated.empty() ? g : sum(g, repeated);
  return args(same_shape(total.shape(), x[0].shape()) ? total : reshape(total, x[0].shape()));
}
constexpr Tensors Sum::vjp(Tensor g, Tensor, const Tensors& x, const Attributes& attributes) {
  return args(detail::repeat(g, x[0].shape(), attributes));
}
// Shared equally among the elements that reach the maximum.
constexpr Tensors Max::vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes) {
  const Tensor reached = equal(x[0], detail::repeat(y, x[0].shape(), attributes));
  const Tensor count = detail::unary<Sum>(reached, attributes);
  return args(reached * detail::repeat(g / count, x[0].shape(), attributes));
}

// --- Contraction
// ------------------------------------------------------------------------------------

struct Contract : Structural<Kind::kContract, 2, infer_contract> {
  static constexpr auto name = "contract", doc = "sums of products over pairs of axes";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
constexpr Tensor contract(Operand a, Operand b, const ContractAxes& axes) {
  Graph& graph = *a.tensor.graph;
  return graph.append(op_of<Contract>, {a.tensor.node, b.tensor.node}, axes.encode(), {},
                      graph.locate(a.where));
}
// [..., m, k] times [k, n], or [..., m, k] times [..., k, n] with equal leading axes.
constexpr Tensor matmul(Operand a, Operand b) {
  const int left = a.tensor.rank(), right = b.tensor.rank();
  ContractAxes axes;
  axes.left_over = {left - 1};
  axes.right_over = {right < 2 ? 0 : right - 2};
  for (int axis = 0; right > 2 && axis < right - 2; ++axis) {
    axes.left_batch.push_back(axis);
    axes.right_batch.push_back(axis);
  }
  return contract(a, b, axes);
}

// For y[B, L, R] = sum_K a[B, L, K] b[B, R, K]:
//   da[B, L, K] = sum_R g[B, L, R] b[B, R, K]    db[B, K, R] = sum_L a[B, L, K] g[B, L, R]
// up to the order of the axes, which a transpose puts right where it differs.
constexpr Tensors Contract::vjp(Tensor g, Tensor, const Tensors& x, const Attributes& attributes) {
  const ContractAxes axes = ContractAxes::decode(attributes);
  const Axes left = axes.left_free(x[0].rank()), right = axes.right_free(x[1].rank());
  const int batch = axes.left_batch.size();

  // The contracted axes in the order in which they stand free in an operand.
  const auto sorted_pairs = [](const Axes& key, const Axes& value) {
    Axes order = detail::normalized(key, 0), result;
    for (int axis : order)
      for (int i = 0; i < key.size(); ++i)
        if (key[i] == axis) result.push_back(value[i]);
    return result;
  };
  const auto in_order = [](Tensor t, const Axes& place) {  // axis i of t belongs at place[i]
    Axes order = place;
    bool identity = true;
    for (int i = 0; i < place.size(); ++i) {
      order[place[i]] = i;
      identity = identity && place[i] == i;
    }
    return identity ? t : transpose(t, order);
  };

  ContractAxes da, db;
  Axes da_place = axes.left_batch, db_place = axes.right_batch;
  for (int i = 0; i < batch; ++i) {
    da.left_batch.push_back(i);
    da.right_batch.push_back(axes.right_batch[i]);
    db.left_batch.push_back(axes.left_batch[i]);
    db.right_batch.push_back(i);
  }
  for (int i = 0; i < right.size(); ++i) {
    da.left_over.push_back(batch + left.size() + i);
    da.right_over.push_back(right[i]);
  }
  for (int i = 0; i < left.size(); ++i) {
    db.left_over.push_back(left[i]);
    db.right_over.push_back(batch + i);
    da_place.push_back(left[i]);
  }
  for (int axis : sorted_pairs(axes.right_over, axes.left_over)) da_place.push_back(axis);
  for (int axis : sorted_pairs(axes.left_over, axes.right_over)) db_place.push_back(axis);
  for (int axis : right) db_place.push_back(axis);
  return args(in_order(contract(g, x[1], da), da_place), in_order(contract(x[0], g, db), db_place));
}

// --- Gather and scatter
// -------------------------------------------------------------------------------

struct Gather : Structural<Kind::kIndexed, 2, infer_gather> {
  static constexpr auto name = "gather", doc = "rows of a table by index";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
struct Scatter : Structural<Kind::kIndexed, 2, infer_scatter> {
  static constexpr auto name = "scatter",
                        doc = "rows added up by index, in the order of the indices";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
constexpr Tensor gather(Operand table, Operand indices) {
  Graph& graph = *table.tensor.graph;
  return graph.append(op_of<Gather>, {table.tensor.node, indices.tensor.node}, {}, {},
                      graph.locate(table.where));
}
constexpr Tensor scatter(Operand updates, Operand indices, std::int64_t rows) {
  Graph& graph = *updates.tensor.graph;
  Attributes attributes;
  attributes.ints.push_back(rows);
  return graph.append(op_of<Scatter>, {updates.tensor.node, indices.tensor.node}, attributes, {},
                      graph.locate(updates.where));
}
constexpr Tensors Gather::vjp(Tensor g, Tensor, const Tensors& x, const Attributes&) {
  return args(scatter(g, x[1], x[0].shape()[0].size), none);
}
constexpr Tensors Scatter::vjp(Tensor g, Tensor, const Tensors& x, const Attributes&) {
  return args(gather(g, x[1]), none);
}
// [...] indices as [..., classes] rows of an identity matrix.
constexpr Tensor one_hot(Operand indices, Dim classes) {
  Graph& graph = *indices.tensor.graph;
  const Graph::At at(graph, indices.where);
  Shape shape = indices.tensor.shape(), unit = shape;
  shape.push_back(classes);
  unit.push_back(Dim(1));
  const Tensor index = broadcast(reshape(cast(indices), unit), shape);
  return equal(index, cast(graph.iota(shape, shape.size() - 1)));
}

// --- Directives: gone before anything is lowered
// ---------------------------------------------------------

struct Gradient : Structural<Kind::kDirective, 2, infer_gradient> {
  static constexpr auto name = "gradient", doc = "d loss / d x, a tensor of the shape of x";
};
constexpr Tensor grad(Operand loss, Operand x) {
  Graph& graph = *loss.tensor.graph;
  return graph.append(op_of<Gradient>, {loss.tensor.node, x.tensor.node}, {}, {},
                      graph.locate(loss.where));
}

struct Training : Structural<Kind::kDirective, 2, infer_training> {
  static constexpr auto name = "training", doc = "a in a training step, b outside";
  static constexpr Tensors vjp(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes);
};
constexpr Tensor training(Operand a, Operand b) { return detail::apply<Training>(a, b); }
constexpr Tensors Training::vjp(Tensor g, Tensor, const Tensors&, const Attributes&) {
  return args(training(g, 0), training(0, g));
}

// --- The table as data
// -----------------------------------------------------------------------------------

struct OpInfo {
  const char* name;
  const char* doc;
  Kind kind;
  int arity;
  ShapeRule infer;
};

namespace detail {
template <class... Blocks>
struct Table {
  static constexpr OpInfo rows[] = {
      {Blocks::name, Blocks::doc, Blocks::kind, Blocks::arity, Blocks::infer}...};
};
template <class... Blocks>
constexpr Table<Blocks...> table_of(OpList<Blocks...>);
}  // namespace detail

inline constexpr const auto& kOpTable = decltype(detail::table_of(Ops{}))::rows;

constexpr const OpInfo& info_of(Op op) { return kOpTable[static_cast<int>(op)]; }

// The type of a proposed node: its op's rule, and the bounds of every shape.
constexpr Inferred infer_type(const Node& proposed, const Types& operands) {
  const OpInfo& info = info_of(proposed.op);
  if (operands.size() != info.arity)
    return wrong(info.name + (" takes " + to_text(std::int64_t{info.arity})) + " operands, found " +
                 to_text(std::int64_t{operands.size()}));
  Inferred inferred = info.infer(proposed, operands);
  if (inferred.error.empty()) inferred.error = shape_error(inferred.type.shape);
  if (!inferred.error.empty()) return wrong(std::move(inferred.error));
  return inferred;
}

}  // namespace gradc
