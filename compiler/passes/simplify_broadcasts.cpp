// Arithmetic is done before values are repeated, and repeating is put off as long as possible. The
// operand of a broadcast has no unit axes, and a broadcast that only inserts some is a reshape.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

// f(repeat(a), repeat(b)) = repeat(f(a, b)): f on the axes that one of its operands follows.
Match repeat_last(const Site& site) {
  if (!is_elementwise(site.node.op) || site.type().rank() == 0) return {};
  const Shape& full = site.type().shape;
  bool followed[kMaxRank] = {};
  for (int i = 0; i < site.node.operands.size(); ++i) {
    if (!is<Broadcast>(site[i])) return {};
    const Tensor x = operand(site[i], 0);
    for (int axis = 0; axis < full.size(); ++axis) {
      const auto source = static_cast<int>(attributes_of(site[i]).ints[axis]);
      if (source < 0) continue;
      if (!(x.shape()[source] == full[axis])) return {};  // a unit axis: it goes first
      followed[axis] = true;
    }
  }
  Shape small;
  Attributes sources;  // of the result's axes in `small`
  for (int axis = 0; axis < full.size(); ++axis) {
    sources.ints.push_back(followed[axis] ? small.size() : -1);
    if (followed[axis]) small.push_back(full[axis]);
  }
  if (small.size() == full.size()) return {};
  Operands operands;
  for (int i = 0; i < site.node.operands.size(); ++i) {
    const Attributes theirs = attributes_of(site[i]);
    Attributes inner;
    for (int axis = 0; axis < full.size(); ++axis)
      if (followed[axis]) inner.ints.push_back(theirs.ints[axis]);
    operands.push_back(repeat_along(operand(site[i], 0), inner, small).node);
  }
  const Tensor y = site.graph.append(site.node.op, operands, site.node.attributes,
                                     {site.type().element, small}, site.node.location);
  return repeat_along(y, sources, full);
}

// x / repeat(v) = x * repeat(1 / v): one division for each v. Within two units in the last place.
Match divided_by_repeated(const Site& site) {
  if (!site.is<Div>() || !is<Broadcast>(site[1])) return {};
  const Attributes sources = attributes_of(site[1]);
  return site[0] * repeat_along(1 / operand(site[1], 0), sources, site.type().shape);
}

Match identity(const Site& site) {
  if (!site.is<Broadcast>() || !same_shape(site[0].shape(), site.type().shape)) return {};
  return site[0];
}

Match repeated_twice(const Site& site) {
  if (!site.is<Broadcast>() || !is<Broadcast>(site[0])) return {};
  Attributes sources;
  for (const std::int64_t source : site.node.attributes.ints)
    sources.ints.push_back(source < 0 ? -1 : attributes_of(site[0]).ints[static_cast<int>(source)]);
  return repeat_along(operand(site[0], 0), sources, site.type().shape);
}

// A unit axis is as good as none: it is a new axis of the result.
Match drop_units(const Site& site) {
  if (!site.is<Broadcast>()) return {};
  const Tensor x = site[0];
  const Shape rest = without_units(x.shape());
  if (rest.size() == x.rank()) return {};
  Attributes sources;
  int next = 0;
  for (const std::int64_t source : site.node.attributes.ints)
    sources.ints.push_back(source < 0 || is_unit(x.shape()[static_cast<int>(source)]) ? -1
                                                                                      : next++);
  return repeat_along(reshape(x, rest), sources, site.type().shape);
}

// A scalar stays a repeated one whatever the shape, unless it comes from a reshape anyway.
Match only_units_are_new(const Site& site) {
  if (!site.is<Broadcast>() || !differ_in_units(site[0].shape(), site.type().shape)) return {};
  if (site[0].rank() == 0 && !is<Reshape>(site[0])) return {};
  return reshape(site[0], site.type().shape);
}
Match reshaped_scalar(const Site& site) {
  if (!site.is<Reshape>() || site[0].rank() != 0 || is<Reshape>(site[0])) return {};
  return broadcast(site[0], site.type().shape);
}

// f(reshape(x)) = reshape(f(x)), if the reshape inserts or drops unit axes, for each operand the
// same.
Match units_last(const Site& site) {
  if (!is_elementwise(site.node.op)) return {};
  Match inner;
  for (int i = 0; i < site.node.operands.size(); ++i) {
    if (repeated_scalar(site[i])) continue;
    const Match x = behind_units(site[i]);
    if (!x || (inner && !same_shape(inner->shape(), x->shape()))) return {};
    inner = x;
  }
  if (!inner) return {};
  const Shape shape = inner->shape();
  Operands operands;
  for (int i = 0; i < site.node.operands.size(); ++i) {
    const Match s = repeated_scalar(site[i]);
    operands.push_back((s ? broadcast(*s, shape) : *behind_units(site[i])).node);
  }
  const Tensor y = site.graph.append(site.node.op, operands, site.node.attributes,
                                     {site.type().element, shape}, site.node.location);
  return reshape(y, site.type().shape);
}

// --- Views of repeated values: the view of the value, repeated
// ------------------------------------------

Match reshape_of_repeated(const Site& site) {
  if (!site.is<Reshape>() || !is<Broadcast>(site[0])) return {};
  if (const Match s = repeated_scalar(site[0])) return broadcast(*s, site.type().shape);
  if (!differ_in_units(site[0].shape(), site.type().shape)) return {};
  if (without_units(operand(site[0], 0).shape()).size() != operand(site[0], 0).rank()) return {};
  Attributes sources;
  int from = 0;
  const Shape before = site[0].shape();
  for (const Dim& dim : site.type().shape) {
    while (!is_unit(dim) && is_unit(before[from])) ++from;
    sources.ints.push_back(is_unit(dim) ? -1 : attributes_of(site[0]).ints[from++]);
  }
  return repeat_along(operand(site[0], 0), sources, site.type().shape);
}

Match transpose_of_repeated(const Site& site) {
  if (!site.is<Transpose>() || !is<Broadcast>(site[0])) return {};
  const Tensor x = operand(site[0], 0);
  Attributes sources;
  Axes order;  // of the axes of x
  for (const std::int64_t axis : site.node.attributes.ints) {
    const std::int64_t source = attributes_of(site[0]).ints[static_cast<int>(axis)];
    sources.ints.push_back(source < 0 ? -1 : order.size());
    if (source >= 0) order.push_back(static_cast<int>(source));
  }
  return repeat_along(transpose(x, order), sources, site.type().shape);
}

Match slice_of_repeated(const Site& site) {
  if (!site.is<Slice>() || !is<Broadcast>(site[0])) return {};
  const Tensor x = operand(site[0], 0);
  const Attributes sources = attributes_of(site[0]);
  const auto& box = site.node.attributes.ints;
  const int rank = site.type().rank();
  Attributes inner;
  for (int i = 0; i < 2 * x.rank(); ++i) inner.ints.push_back(0);
  for (int axis = 0; axis < rank; ++axis) {
    const auto source = static_cast<int>(sources.ints[axis]);
    if (source < 0) continue;
    if (!(x.shape()[source] == site[0].shape()[axis])) return {};
    inner.ints[source] = box[axis];
    inner.ints[x.rank() + source] = box[rank + axis];
  }
  return repeat_along(detail::unary<Slice>(x, inner), sources, site.type().shape);
}

// Every row of a table that repeats one row is that row.
Match gather_of_repeated(const Site& site) {
  if (!site.is<Gather>() || !repeats_along(site[0], 0)) return {};
  Attributes sources;
  const Attributes theirs = attributes_of(site[0]);
  for (int axis = 0; axis < site[1].rank(); ++axis) sources.ints.push_back(-1);
  for (int axis = 1; axis < theirs.ints.size(); ++axis) sources.ints.push_back(theirs.ints[axis]);
  return repeat_along(operand(site[0], 0), sources, site.type().shape);
}

}  // namespace

std::span<const Rule> broadcast_rules() {
  static const Rule rules[] = {
      {"repeat(x) = x, nothing repeated", identity},
      {"repeat(repeat(x)) = repeat(x)", repeated_twice},
      {"repeat(x[.., 1, ..]) = repeat(x[.., ..])", drop_units},
      {"repeat(x) = reshape(x), only unit axes new", only_units_are_new},
      {"reshape(s) = repeat(s)", reshaped_scalar},
      {"f(repeat(x), repeat(y)) = repeat(f(x, y))", repeat_last},
      {"f(reshape(x), reshape(y)) = reshape(f(x, y)), unit axes", units_last},
      {"x / repeat(v) = x * repeat(1 / v)", divided_by_repeated},
      {"reshape(repeat(x)) = repeat(x)", reshape_of_repeated},
      {"transpose(repeat(x)) = repeat(transpose(x))", transpose_of_repeated},
      {"slice(repeat(x)) = repeat(slice(x))", slice_of_repeated},
      {"gather(repeat(row), i) = repeat(row)", gather_of_repeated},
  };
  return rules;
}

}  // namespace gradc::passes
