#include "passes/algebra.h"

#include "ir/visit.h"

namespace gradc::passes {

bool is_constant(Tensor x, double value) {
  const std::optional<double> constant = ir::constant_value(x);
  return constant && *constant == value;
}

bool is_elementwise(Op op) {
  return ir::visit(op, []<class Block>() { return ir::kHasBody<Block>; });
}

Match repeated_scalar(Tensor x) {
  if (!is<Broadcast>(x) || operand(x, 0).rank() != 0) return {};
  return operand(x, 0);
}

namespace {

// The op of x, which has one operand, applied to another of the same shape.
Tensor same_view(Tensor x, Tensor other) {
  const Node node = ir::node_of(x);
  return x.graph->append(node.op, {other.node}, node.attributes, node.type, node.location);
}

}  // namespace

std::optional<Scaled> scaled(Tensor x) {
  if (behind_units(x) || is<Pad>(x)) {
    const std::optional<Scaled> parts = scaled(operand(x, 0));
    if (!parts) return {};
    return Scaled{same_view(x, parts->core), parts->factor};
  }
  if (is<Neg>(x)) return Scaled{operand(x, 0), x.graph->constant(-1)};
  if (!is<Mul>(x)) return {};
  if (const Match s = repeated_scalar(operand(x, 1))) return Scaled{operand(x, 0), *s};
  if (const Match s = repeated_scalar(operand(x, 0))) return Scaled{operand(x, 1), *s};
  return {};
}

bool same_scalar(Tensor s, Tensor t) {
  if (same(s, t)) return true;
  const std::optional<double> c = ir::constant_value(s), d = ir::constant_value(t);
  return c && d && *c == *d;
}

namespace {

Match strip(Tensor x, Tensor s, int depth) {
  if (same(x, s)) return x.graph->constant(1);
  if (depth == 0) return {};
  const auto inside = [&](int i) { return strip(operand(x, i), s, depth - 1); };
  if (is<Mul>(x)) {
    if (const Match a = inside(0)) return broadcast(*a, x.shape()) * operand(x, 1);
    if (const Match b = inside(1)) return operand(x, 0) * broadcast(*b, x.shape());
  } else if (is<Neg>(x)) {
    if (const Match a = inside(0)) return -*a;
  } else if (is<Div>(x)) {
    if (const Match a = inside(0)) return *a / operand(x, 1);
  } else if (is<Broadcast>(x) || is<Reshape>(x) || is<Transpose>(x) || is<Pad>(x)) {
    if (const Match a = inside(0)) return same_view(x, *a);
  }
  return {};
}

}  // namespace

Match without_factor(Tensor x, Tensor s) {
  if (const std::optional<Scaled> ours = scaled(x); ours && same_scalar(ours->factor, s))
    return ours->core;
  if (is<Constant>(s)) return {};  // constants are no landmarks: 2 may hide in any number
  return strip(x, s, kSearchDepth);
}

namespace {

Match without_sign(Tensor x, int depth) {
  if (is<Neg>(x)) return operand(x, 0);
  if (is<Constant>(x)) {
    const double value = *ir::constant_value(x);
    if (value < 0) return x.graph->constant(-value);
    return {};
  }
  if (depth == 0) return {};
  const auto inside = [&](int i) { return without_sign(operand(x, i), depth - 1); };
  if (is<Mul>(x)) {
    if (const Match b = inside(1)) return operand(x, 0) * *b;
    if (const Match a = inside(0)) return *a * operand(x, 1);
  } else if (is<Broadcast>(x) || behind_units(x)) {
    if (const Match y = inside(0)) return same_view(x, *y);
  }
  return {};
}

}  // namespace

Match negated(Tensor x) { return without_sign(x, kSearchDepth); }

bool repeats_along(Tensor x, int axis) {
  return is<Broadcast>(x) && attributes_of(x).ints[axis] < 0;
}

bool is_unit(const Dim& dim) { return dim.size == 1 && !dim.batched; }

Shape without_units(const Shape& shape) {
  Shape rest;
  for (const Dim& dim : shape)
    if (!is_unit(dim)) rest.push_back(dim);
  return rest;
}

bool differ_in_units(const Shape& a, const Shape& b) {
  return without_units(a) == without_units(b);
}

Match behind_units(Tensor reshaped) {
  if (!is<Reshape>(reshaped)) return {};
  const Tensor x = operand(reshaped, 0);
  if (!differ_in_units(x.shape(), reshaped.shape())) return {};
  return x;
}

namespace {

// The axis along which x counts 0, 1, 2, ...; -1 if it does not.
int counting_axis(Tensor x) {
  if (is<Broadcast>(x)) {
    const int inner = counting_axis(operand(x, 0));
    for (int axis = 0; axis < x.rank() && inner >= 0; ++axis)
      if (attributes_of(x).ints[axis] == inner) return axis;
    return -1;
  }
  if (is<Reshape>(x) && x.rank() == 1 && operand(x, 0).rank() == 1)
    return counting_axis(operand(x, 0));
  if (!is<Cast>(x) || !is<Iota>(operand(x, 0))) return -1;
  return static_cast<int>(attributes_of(operand(x, 0)).ints[0]);
}

// Whether all indices in x are below `bound`, for the input they come from promises it.
bool indices_below(Tensor x, std::int64_t bound) {
  while (is<Reshape>(x) || is<Transpose>(x) || is<Slice>(x) || is<Broadcast>(x)) x = operand(x, 0);
  if (!is<LeafOp>(x)) return false;
  const Leaf& leaf = x.graph->leaves[static_cast<std::size_t>(attributes_of(x).ints[0])];
  return leaf.classes > 0 && leaf.classes <= bound;
}

}  // namespace

std::optional<OneHot> as_one_hot(Tensor x) {
  if (!is<Equal>(x)) return {};
  for (const int side : {0, 1}) {
    const int axis = counting_axis(operand(x, side));
    const Tensor index = operand(x, 1 - side);
    if (axis < 0 || !repeats_along(index, axis)) continue;
    Tensor value = operand(index, 0);
    if (value.rank() != x.rank() - 1) continue;
    const Shape shape = value.shape();
    if (const Match inner = behind_units(value)) value = *inner;
    if (!is<Cast>(value)) continue;
    Tensor tokens = operand(value, 0);
    if (!indices_below(tokens, x.shape()[axis].size)) continue;
    if (!same_shape(tokens.shape(), shape)) tokens = reshape(tokens, shape);
    return OneHot{tokens, axis};
  }
  return {};
}

Match normalized_of(Tensor x) {
  if (!is<Mul>(x)) return {};
  for (const int side : {0, 1}) {
    const Tensor b = operand(x, side), repeated = operand(x, 1 - side);
    if (!is<Broadcast>(repeated)) continue;
    Tensor reciprocal = operand(repeated, 0);
    if (const Match inner = behind_units(reciprocal)) reciprocal = *inner;
    if (!is<Div>(reciprocal) || !is_constant(operand(reciprocal, 0), 1)) continue;
    const Tensor total = operand(reciprocal, 1);
    if (!is<Sum>(total) || !same(operand(total, 0), b)) continue;
    bool along = true;
    for (int axis = 0; axis < x.rank(); ++axis)
      along = along && repeats_along(repeated, axis) == contains(attributes_of(total), axis);
    if (along) return b;
  }
  return {};
}

Match join_apart(const Site& site, const std::function<Match(Tensor x, Tensor y, bool add)>& join) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  const auto sum_of = [](Tensor a, Tensor b, bool add) { return add ? a + b : a - b; };
  const bool outer = site.is<Add>();
  for (const int i : {0, 1}) {
    if (!is<Add>(site[i]) && !is<Sub>(site[i])) continue;
    const bool inner = is<Add>(site[i]);
    const Tensor a = operand(site[i], 0), b = operand(site[i], 1), c = site[1 - i];
    if (i == 0) {  // (a + b) + c
      if (const Match ac = join(a, c, outer)) return sum_of(*ac, b, inner);
      if (const Match bc = join(b, c, outer == inner)) return sum_of(a, *bc, inner);
    } else {  // c + (a + b)
      if (const Match ca = join(c, a, outer)) return sum_of(*ca, b, outer == inner);
      if (const Match cb = join(c, b, outer == inner)) return sum_of(*cb, a, outer);
    }
  }
  return {};
}

Tensor again(const Site& site, std::initializer_list<Tensor> operands) {
  Operands nodes;
  for (const Tensor& tensor : operands) nodes.push_back(tensor.node);
  return site.graph.append(site.node.op, nodes, site.node.attributes, site.node.type,
                           site.node.location);
}

Tensor again_on(const Site& site, Tensor first) {
  Operands nodes = site.node.operands;
  nodes[0] = first.node;
  return site.graph.append(site.node.op, nodes, site.node.attributes, site.node.type,
                           site.node.location);
}

Tensor repeat_along(Tensor x, const Attributes& sources, const Shape& shape) {
  bool all = x.rank() == shape.size();
  for (int axis = 0; axis < shape.size() && all; ++axis) all = sources.ints[axis] == axis;
  if (all && same_shape(x.shape(), shape)) return x;
  return x.graph->append(op_of<Broadcast>, {x.node}, sources, {x.type().element, shape}, {});
}

Tensor filled(Graph& graph, double value, const Shape& shape) {
  return broadcast(graph.constant(value), shape);
}

Match try_reshape(Tensor x, const Shape& shape) {
  Node proposed;
  proposed.op = op_of<Reshape>;
  proposed.type = {x.type().element, shape};
  const Type from = x.type();
  Types operand;
  operand.push_back(from);
  if (!infer_reshape(proposed, operand).error.empty()) return {};
  return reshape(x, shape);
}

bool contains(const Attributes& axes, int axis) {
  for (const std::int64_t other : axes.ints)
    if (other == axis) return true;
  return false;
}

}  // namespace gradc::passes
