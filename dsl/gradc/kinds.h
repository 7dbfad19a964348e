// The kinds of ops and their shape rules.
//
// A rule takes a proposed node and the types of its operands and gives the node's type, or says in
// one sentence what is wrong. The DSL applies it while a model is declared, the compiler's verifier
// to every graph that a pass has made.
#pragma once

#include <gradc/node.h>

namespace gradc {

enum class Kind : std::uint8_t {
  kLeaf,         // no operands: inputs, parameters, states, settings, constants, extent
  kElementwise,  // one result element from the operands' elements at the same place
  kReduce,       // folds axes of its operand away
  kBroadcast,    // repeats its operand along new or unit axes
  kView,         // the operand's elements at other places: reshape, transpose, slice, pad
  kContract,     // sums of products of two operands
  kIndexed,      // gather and scatter
  kIota,
  kRandom,
  kDirective,  // replaced by a pass before anything is lowered: gradient, training
};

struct Inferred {
  Type type;
  Text error;  // empty: the rule holds
};

constexpr Inferred wrong(Text message) { return {{Element::kPoison, {}}, std::move(message)}; }

// The types of a node's operands, where they stand: to copy them is slow in constant evaluation.
class Types {
 public:
  constexpr void push_back(const Type& type) { types_.push_back(&type); }
  constexpr int size() const { return types_.size(); }
  constexpr const Type& operator[](int operand) const { return *types_[operand]; }

 private:
  List<const Type*, kMaxOperands> types_;
};

using ShapeRule = Inferred (*)(const Node& proposed, const Types& operands);

constexpr bool same_shape(const Shape& a, const Shape& b) { return a == b; }

// Names from `names` where the shape has none; what is the time in either is.
constexpr void take_names(Shape& shape, const Shape& names) {
  for (int i = 0; i < shape.size() && i < names.size(); ++i) {
    if (shape[i].name[0] == '\0') shape[i].name = names[i].name;
    shape[i].time = shape[i].time || names[i].time;
  }
}

// The shape that numpy's rules give to operands together; false if there is none.
constexpr bool merge_shapes(Shape& into, const Shape& other) {
  Shape wide = into.size() >= other.size() ? into : other;
  const Shape& narrow = into.size() >= other.size() ? other : into;
  const int offset = wide.size() - narrow.size();
  for (int axis = 0; axis < narrow.size(); ++axis) {
    Dim& dim = wide[axis + offset];
    const Dim& with = narrow[axis];
    if (dim == with)
      dim = dim.name[0] != '\0' ? dim : with;
    else if (dim.size == 1 && !dim.batched)
      dim = with;
    else if (with.size != 1 || with.batched)
      return false;
  }
  into = wide;
  return true;
}

// What is wrong with a shape as such: dimensions below 1, or more than 2^40 elements, the bound
// that keeps products of sizes from overflowing. Empty: nothing.
constexpr Text shape_error(const Shape& shape) {
  std::int64_t count = 1;
  for (const Dim& dim : shape) {
    if (dim.size < 1) return "a dimension is at least 1, not " + to_text(dim.size);
    if (__builtin_mul_overflow(count, dim.size, &count) || count > (std::int64_t{1} << 40))
      return "a tensor of shape " + to_text(shape) + " has more than 2^40 elements";
  }
  return "";
}

constexpr Inferred infer_leaf(const Node& proposed, const Types&) { return {proposed.type, ""}; }

// ints[0]: the axis along which the result counts.
constexpr Inferred infer_iota(const Node& proposed, const Types&) {
  const auto& ints = proposed.attributes.ints;
  if (ints.size() != 1 || ints[0] < 0 || ints[0] >= proposed.type.rank())
    return wrong("iota counts along an axis of " + to_text(proposed.type.shape));
  return {proposed.type, ""};
}

// random(seed, step) has the shape that is asked for.
constexpr Inferred infer_random(const Node& proposed, const Types& operands) {
  for (int i = 0; i < operands.size(); ++i)
    if (!operands[i].real() || operands[i].rank() != 0)
      return wrong("random takes two real scalars, found " + to_text(operands[i]));
  return {proposed.type, ""};
}

constexpr Inferred infer_scalar(const Node& proposed, const Types&) {
  if (proposed.type.rank() != 0)
    return wrong("expected a scalar, found " + to_text(proposed.type.shape));
  return {proposed.type, ""};
}

// All operands are real and of one shape; the result has the names that any of them has.
constexpr Inferred infer_elementwise(const Node&, const Types& operands) {
  Inferred inferred{operands[0], ""};
  for (int i = 0; i < operands.size(); ++i) {
    const Type& first = operands[0];
    const Type& type = operands[i];
    if (!type.real()) return wrong("expected real operands, found " + to_text(type));
    if (type.element == first.element && same_shape(type.shape, first.shape)) {
      if (i > 0) take_names(inferred.type.shape, type.shape);
      continue;
    }
    if (Shape merged = first.shape; !merge_shapes(merged, type.shape))
      return wrong("cannot broadcast " + to_text(first.shape) + " with " + to_text(type.shape));
    return wrong("operands of different type: " + to_text(first) + " and " + to_text(type));
  }
  return inferred;
}

// i32 to real; the wanted element is that of the proposed type.
constexpr Inferred infer_cast(const Node& proposed, const Types& operands) {
  if (operands[0].element != Element::kI32)
    return wrong("cast takes i32, found " + to_text(operands[0]));
  return {{proposed.type.element, operands[0].shape}, ""};
}

// ints: the axes that are folded away, ascending.
constexpr Inferred infer_reduce(const Node& proposed, const Types& operands) {
  const auto& axes = proposed.attributes.ints;
  const Type& from = operands[0];
  if (!from.real()) return wrong("expected a real operand, found " + to_text(from));
  Type type{from.element, {}};
  int next = 0;
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (next < axes.size() && axes[next] == axis)
      ++next;
    else
      type.shape.push_back(from.shape[axis]);
  }
  if (next != axes.size())
    return wrong("axes to reduce are ascending and within " + to_text(from.shape));
  return {type, ""};
}

// ints: for each axis of the result the operand's axis it follows, ascending, or -1 for a new axis.
// A followed axis of extent 1 may be repeated.
constexpr Inferred infer_broadcast(const Node& proposed, const Types& operands) {
  const auto& sources = proposed.attributes.ints;
  const Type& from = operands[0];
  const Shape& to = proposed.type.shape;
  if (sources.size() != to.size()) return wrong("broadcast names one source for each axis");
  int next = 0;
  for (int axis = 0; axis < to.size(); ++axis) {
    if (sources[axis] == -1) continue;
    if (sources[axis] != next++ || next > from.rank())
      return wrong("broadcast follows the axes of its operand in order");
    const Dim& dim = from.shape[next - 1];
    if (!(dim == to[axis]) && !(dim.size == 1 && !dim.batched))
      return wrong("cannot broadcast " + to_text(from.shape) + " to " + to_text(to));
  }
  if (next != from.rank()) return wrong("broadcast follows every axis of its operand");
  return {{from.element, to}, ""};
}

// The elements in row-major order, with other extents. The batch must stay the slowest axis of each
// group of axes that is merged or split, for its extent is known only at run time.
constexpr Inferred infer_reshape(const Node& proposed, const Types& operands) {
  const Shape& from = operands[0].shape;
  const Shape& to = proposed.type.shape;
  if (Text error = shape_error(to); !error.empty()) return wrong(std::move(error));
  if (elements_of(from) != elements_of(to))
    return wrong("reshape keeps the number of elements: " + to_text(from) + " has " +
                 to_text(elements_of(from)) + " and " + to_text(to) + " has " +
                 to_text(elements_of(to)));
  for (int i = 0, j = 0; i < from.size() || j < to.size();) {
    std::int64_t a = 1, b = 1;
    int first_a = -1, first_b = -1;  // the slowest axis of this group that is not 1
    bool batch_a = false, batch_b = false;
    const auto take = [](const Shape& shape, int& axis, std::int64_t& product, int& first,
                         bool& batch) {
      const Dim& dim = shape[axis];
      if (dim.batched && first >= 0) return false;
      if (dim.batched) batch = true;
      if (dim.size != 1 || dim.batched) first = axis;
      product *= dim.size;
      ++axis;
      return true;
    };
    bool legal = true;
    if (i < from.size()) legal = take(from, i, a, first_a, batch_a);
    if (legal && j < to.size()) legal = take(to, j, b, first_b, batch_b);
    while (legal && a != b) {
      if (a < b && i < from.size())
        legal = take(from, i, a, first_a, batch_a);
      else if (b < a && j < to.size())
        legal = take(to, j, b, first_b, batch_b);
      else
        legal = false;
    }
    // A batch of largest extent 1 may lie beyond the axes taken so far.
    while (legal && batch_a != batch_b) {
      if (batch_b && i < from.size() && from[i].size == 1)
        legal = take(from, i, a, first_a, batch_a);
      else if (batch_a && j < to.size() && to[j].size == 1)
        legal = take(to, j, b, first_b, batch_b);
      else
        legal = false;
    }
    if (!legal)
      return wrong("reshape from " + to_text(from) + " to " + to_text(to) +
                   " would not keep the batch as the slowest axis of its group");
  }
  return {{operands[0].element, to}, ""};
}

// ints: axis i of the result is axis ints[i] of the operand.
constexpr Inferred infer_transpose(const Node& proposed, const Types& operands) {
  const auto& order = proposed.attributes.ints;
  const Type& from = operands[0];
  if (order.size() != from.rank())
    return wrong("transpose names every axis of " + to_text(from.shape) + " once");
  Type type{from.element, {}};
  for (int i = 0; i < order.size(); ++i) {
    bool repeated = false;
    for (int j = 0; j < i; ++j) repeated = repeated || order[j] == order[i];
    if (repeated || order[i] < 0 || order[i] >= from.rank())
      return wrong("transpose names every axis of " + to_text(from.shape) + " once");
    type.shape.push_back(from.shape[static_cast<int>(order[i])]);
  }
  return {type, ""};
}

// ints: for each axis its start, then for each axis its extent.
constexpr Inferred infer_slice(const Node& proposed, const Types& operands) {
  const auto& ints = proposed.attributes.ints;
  const Type& from = operands[0];
  const int rank = from.rank();
  if (ints.size() != 2 * rank) return wrong("slice names a start and an extent for each axis");
  Type type{from.element, {}};
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t start = ints[axis], extent = ints[rank + axis];
    Dim dim = from.shape[axis];
    if (start < 0 || extent < 1 || start > dim.size - extent)
      return wrong("slice of " + to_text(extent) + " from " + to_text(start) +
                   " does not fit axis " + to_text(static_cast<std::int64_t>(axis)) + " of " +
                   to_text(from.shape));
    if (extent != dim.size) {
      if (dim.batched) return wrong("the batch cannot be sliced");
      dim = Dim(extent);
    }
    type.shape.push_back(dim);
  }
  return {type, ""};
}

// ints: for each axis how many zeros come before, then for each axis how many come after.
constexpr Inferred infer_pad(const Node& proposed, const Types& operands) {
  const auto& ints = proposed.attributes.ints;
  const Type& from = operands[0];
  const int rank = from.rank();
  if (ints.size() != 2 * rank || !from.real())
    return wrong("pad takes a real operand and two widths for each axis");
  Type type{from.element, {}};
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t before = ints[axis], after = ints[rank + axis];
    Dim dim = from.shape[axis];
    if (before < 0 || after < 0) return wrong("pad takes widths of at least 0");
    if (before > (std::int64_t{1} << 40) || after > (std::int64_t{1} << 40))
      return wrong("pad takes widths of at most 2^40");
    if (before + after > 0) {
      if (dim.batched) return wrong("the batch cannot be padded");
      dim = Dim(dim.size + before + after);
    }
    type.shape.push_back(dim);
  }
  return {type, ""};
}

// The axes of a contraction. Pairs (left, right) of batch axes and of contracted axes; the result
// has the batch axes, then the free axes of the left operand, then those of the right one.
struct ContractAxes {
  Axes left_batch, right_batch, left_over, right_over;

  constexpr Axes left_free(int rank) const { return rest(rank, left_batch, left_over); }
  constexpr Axes right_free(int rank) const { return rest(rank, right_batch, right_over); }

  constexpr Attributes encode() const {
    Attributes attributes;
    attributes.ints.push_back(left_batch.size());
    attributes.ints.push_back(left_over.size());
    for (const Axes* axes : {&left_batch, &right_batch, &left_over, &right_over})
      for (int axis : *axes) attributes.ints.push_back(axis);
    return attributes;
  }
  static constexpr ContractAxes decode(const Attributes& attributes) {
    const auto& ints = attributes.ints;
    ContractAxes axes;
    int at = 2;
    const auto take = [&](Axes& to, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) to.push_back(static_cast<int>(ints[at++]));
    };
    take(axes.left_batch, ints[0]);
    take(axes.right_batch, ints[0]);
    take(axes.left_over, ints[1]);
    take(axes.right_over, ints[1]);
    return axes;
  }

 private:
  static constexpr Axes rest(int rank, const Axes& a, const Axes& b) {
    Axes free;
    for (int axis = 0; axis < rank; ++axis)
      if (!a.contains(axis) && !b.contains(axis)) free.push_back(axis);
    return free;
  }
};

constexpr Inferred infer_contract(const Node& proposed, const Types& operands) {
  const auto& ints = proposed.attributes.ints;
  if (ints.size() < 2 || ints[0] < 0 || ints[0] > kMaxRank || ints[1] < 0 || ints[1] > kMaxRank ||
      ints.size() != 2 + 2 * (ints[0] + ints[1]))
    return wrong("contract names pairs of axes");
  const Type &left = operands[0], &right = operands[1];
  if (!left.real() || left.element != right.element)
    return wrong("contract takes real operands of one element, found " + to_text(left) + " and " +
                 to_text(right));
  const ContractAxes axes = ContractAxes::decode(proposed.attributes);
  const auto distinct = [](const Axes& a, const Axes& b, int rank) {
    Axes seen;
    for (const Axes* list : {&a, &b})
      for (int axis : *list) {
        if (axis < 0 || axis >= rank || seen.contains(axis)) return false;
        seen.push_back(axis);
      }
    return true;
  };
  if (!distinct(axes.left_batch, axes.left_over, left.rank()) ||
      !distinct(axes.right_batch, axes.right_over, right.rank()))
    return wrong("contract names each axis once, within its operand");
  Type type{left.element, {}};
  for (int i = 0; i < axes.left_batch.size(); ++i) {
    const Dim &a = left.shape[axes.left_batch[i]], &b = right.shape[axes.right_batch[i]];
    if (!(a == b))
      return wrong("batch axes of different size: " + to_text(a) + " and " + to_text(b));
    type.shape.push_back(a);
  }
  for (int i = 0; i < axes.left_over.size(); ++i) {
    const Dim &a = left.shape[axes.left_over[i]], &b = right.shape[axes.right_over[i]];
    if (!(a == b))
      return wrong("matmul contracts dimensions of different size: " + to_text(a) + " and " +
                   to_text(b));
  }
  const Axes left_free = axes.left_free(left.rank()), right_free = axes.right_free(right.rank());
  if (type.shape.size() + left_free.size() + right_free.size() > kMaxRank)
    return wrong("contract would have more than " + to_text(std::int64_t{kMaxRank}) + " axes");
  for (int axis : left_free) type.shape.push_back(left.shape[axis]);
  for (int axis : right_free) type.shape.push_back(right.shape[axis]);
  return {type, ""};
}

// gather(table [n, ...], indices [...]) has the axes of the indices, then the table's but the
// first.
constexpr Inferred infer_gather(const Node&, const Types& operands) {
  const Type &table = operands[0], &indices = operands[1];
  if (table.rank() < 1 || !table.real() || table.shape[0].batched)
    return wrong("gather takes rows of a real table, found " + to_text(table));
  if (indices.element != Element::kI32)
    return wrong("gather takes i32 indices, found " + to_text(indices));
  if (indices.rank() + table.rank() - 1 > kMaxRank)
    return wrong("gather would have more than " + to_text(std::int64_t{kMaxRank}) + " axes");
  Type type{table.element, indices.shape};
  for (int axis = 1; axis < table.rank(); ++axis) type.shape.push_back(table.shape[axis]);
  return {type, ""};
}

// scatter(updates, indices): zeros [rows, ...] with each update added to the row of its index;
// ints[0] is the number of rows. Rows are added in the order of the indices.
constexpr Inferred infer_scatter(const Node& proposed, const Types& operands) {
  const Type &updates = operands[0], &indices = operands[1];
  if (indices.element != Element::kI32)
    return wrong("scatter takes i32 indices, found " + to_text(indices));
  if (proposed.attributes.ints.size() != 1 || proposed.attributes.ints[0] < 1)
    return wrong("scatter has at least 1 row");
  if (!updates.real() || updates.rank() < indices.rank())
    return wrong("scatter takes one real update an index, found " + to_text(updates));
  Type type{updates.element, {}};
  type.shape.push_back(Dim(proposed.attributes.ints[0]));
  for (int axis = 0; axis < updates.rank(); ++axis) {
    if (axis >= indices.rank())
      type.shape.push_back(updates.shape[axis]);
    else if (!(updates.shape[axis] == indices.shape[axis]))
      return wrong("scatter takes one update an index: " + to_text(updates.shape) + " for " +
                   to_text(indices.shape));
  }
  return {type, ""};
}

// gradient(loss, x) has the type of x.
constexpr Inferred infer_gradient(const Node&, const Types& operands) {
  if (operands[0].rank() != 0)
    return wrong("the gradient is that of a scalar, found " + to_text(operands[0].shape));
  if (!operands[1].real()) return wrong("no gradient with respect to " + to_text(operands[1]));
  return {operands[1], ""};
}

// training(a, b): a in a training step, b outside.
constexpr Inferred infer_training(const Node& proposed, const Types& operands) {
  return infer_elementwise(proposed, operands);
}

}  // namespace gradc
