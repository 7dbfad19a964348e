#include "passes/expression.h"

#include <gradc/dsl.h>

#include <algorithm>

#include "support/check.h"

namespace gradc::passes {

using ir::Affine;
using ir::Value;

std::vector<std::int64_t> dense_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= shape[axis].size;
  }
  return strides;
}

Index make_axes(const Shape& shape, std::vector<ir::Axis>& axes) {
  Index index;
  for (const Dim& dim : shape) {
    Affine place;
    if (dim.size != 1) {
      place.add(static_cast<int>(axes.size()), 1);
      axes.push_back({dim.option ? "" : dim.name, dim.size, dim.batched, dim.time});
    }
    index.push_back(std::move(place));
  }
  return index;
}

int ExpressionBuilder::add(const Value& value) {
  const auto equal = std::find(values_.begin(), values_.end(), value);
  if (equal != values_.end()) return static_cast<int>(equal - values_.begin());
  values_.push_back(value);
  return static_cast<int>(values_.size()) - 1;
}

// The place in row-major order, then its digits in the other extents, fastest first:
//   linear = sum of index * stride,   digit = linear mod extent,   linear <- linear div extent.
// A term c * axis is a multiple of the extent, or stays below it, or its axis must be split where
// c * inner = extent.
std::optional<Index> ExpressionBuilder::through_reshape(const Shape& from, const Index& index,
                                                        const Shape& to) {
  const std::vector<std::int64_t> strides = dense_strides(from);
  Affine linear;
  for (int axis = 0; axis < from.size(); ++axis) linear.add(index[axis], strides[axis]);

  Index digits(to.size());
  for (int axis = to.size() - 1; axis >= 0; --axis) {
    const std::int64_t extent = to[axis].size;
    bool slowest = true;
    for (int outer = 0; outer < axis; ++outer) slowest = slowest && to[outer].size == 1;
    if (slowest) {
      digits[axis] = linear;
      linear = {};
      continue;
    }
    Affine digit, rest;
    std::int64_t largest = 0;
    for (const Affine::Term& term : linear.terms) {
      const std::int64_t c = term.coefficient, n = axes_[term.axis].extent;
      if (c % extent == 0) {
        rest.add(term.axis, c / extent);
      } else if (c * n <= extent) {
        digit.add(term.axis, c);
        largest += c * (n - 1);
      } else if (extent % c == 0 && n % (extent / c) == 0) {
        split_ = AxisSplit{term.axis, extent / c};
        return std::nullopt;
      } else {
        return std::nullopt;
      }
    }
    digit.offset = linear.offset % extent;
    rest.offset = linear.offset / extent;
    if (largest + digit.offset >= extent) return std::nullopt;
    digits[axis] = std::move(digit);
    linear = std::move(rest);
  }
  return digits;
}

std::optional<Index> ExpressionBuilder::through_view(int id, const Index& index) {
  const Node& node = graph_[id];
  const Shape& shape = graph_[node.operands[0]].type.shape;
  const auto& ints = node.attributes.ints;
  if (node.op == op_of<Reshape>) {
    std::optional<Index> below = through_reshape(node.type.shape, index, shape);
    if (!below && !split_) stuck_ = id;
    return below;
  }
  Index below(shape.size());
  if (node.op == op_of<Transpose>) {
    for (int axis = 0; axis < ints.size(); ++axis) below[ints[axis]] = index[axis];
  } else if (node.op == op_of<Broadcast>) {
    for (int axis = 0; axis < ints.size(); ++axis)
      if (ints[axis] >= 0 && shape[static_cast<int>(ints[axis])].size != 1)
        below[ints[axis]] = index[axis];
  } else if (node.op == op_of<Slice>) {
    below = index;
    for (int axis = 0; axis < shape.size(); ++axis) below[axis].offset += ints[axis];
  } else {
    return std::nullopt;
  }
  return below;
}

std::optional<std::pair<int, Index>> ExpressionBuilder::source_of(int node, const Index& index) {
  if (materialised_(node)) return std::pair{node, index};
  const Kind kind = info_of(graph_[node].op).kind;
  if (kind != Kind::kView && kind != Kind::kBroadcast) return std::nullopt;
  const std::optional<Index> below = through_view(node, index);
  if (!below) return std::nullopt;
  return source_of(graph_[node].operands[0], *below);
}

int ExpressionBuilder::build(int node, const Index& index) {
  if (materialised_(node)) return load_(node, index, -1);
  return build_body(node, index);
}

int ExpressionBuilder::build_body(int id, const Index& index) {
  for (const auto& [place, value] : known_)
    if (place.first == id && place.second == index) return value;
  const Node& node = graph_[id];
  Value value{.element = node.type.element};
  switch (info_of(node.op).kind) {
    case Kind::kLeaf:
      if (node.op == op_of<Constant>) {
        value.number = node.attributes.value;
      } else if (node.op == op_of<Extent>) {
        value.kind = Value::Kind::kExtent;
      } else {
        return load_(id, index, -1);
      }
      break;
    case Kind::kIota:
      value.kind = Value::Kind::kIndex;
      value.index = index[node.attributes.ints[0]];
      break;
    case Kind::kRandom: {
      const std::vector<std::int64_t> strides = dense_strides(node.type.shape);
      value.kind = Value::Kind::kRandom;
      value.stream = static_cast<int>(node.attributes.ints[0]);
      for (int operand : node.operands) {
        const int built = build(operand, {});
        if (built < 0) return -1;
        value.operands.push_back(built);
      }
      for (std::size_t axis = 0; axis < index.size(); ++axis)
        value.index.add(index[axis], strides[axis]);
      break;
    }
    case Kind::kElementwise:
      value.kind = Value::Kind::kApply;
      value.op = node.op;
      for (int operand : node.operands) {
        const int built = build(operand, index);
        if (built < 0) return -1;
        value.operands.push_back(built);
      }
      break;
    case Kind::kView:
    case Kind::kBroadcast: {
      const std::optional<Index> below = through_view(id, index);
      return below ? build(node.operands[0], *below) : -1;
    }
    case Kind::kIndexed: {  // gather: a row of the table, then the place in the row
      CHECK(node.op == op_of<Gather>, "only a gather can be read in place");
      const int depth = graph_[node.operands[1]].type.rank();
      const int row = build(node.operands[1], Index(index.begin(), index.begin() + depth));
      if (row < 0) return -1;
      Index place{Affine{}};
      place.insert(place.end(), index.begin() + depth, index.end());
      return load_(node.operands[0], place, row);
    }
    default:
      CHECK(false, std::string(info_of(node.op).name) + " has no value at one place");
  }
  const int added = add(value);
  known_.push_back({{id, index}, added});
  return added;
}

}  // namespace gradc::passes
