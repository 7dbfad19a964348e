// Views: identities, views of views, and parts cut out of what was put together.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

Match identity(const Site& site) {
  if (site.is<Reshape>()) {
    if (same_shape(site[0].shape(), site.type().shape)) return site[0];
  } else if (site.is<Slice>()) {
    if (same_shape(site[0].shape(), site.type().shape)) return site[0];
  } else if (site.is<Pad>()) {
    for (const std::int64_t width : site.node.attributes.ints)
      if (width != 0) return {};
    return site[0];
  } else if (site.is<Transpose>()) {
    for (int axis = 0; axis < site.type().rank(); ++axis)
      if (site.node.attributes.ints[axis] != axis) return {};
    return site[0];
  }
  return {};
}

Match reshaped_twice(const Site& site) {
  if (!site.is<Reshape>() || !is<Reshape>(site[0])) return {};
  return try_reshape(operand(site[0], 0), site.type().shape);
}

Match transposed_twice(const Site& site) {
  if (!site.is<Transpose>() || !is<Transpose>(site[0])) return {};
  Axes order;
  for (const std::int64_t axis : site.node.attributes.ints)
    order.push_back(static_cast<int>(attributes_of(site[0]).ints[static_cast<int>(axis)]));
  return transpose(operand(site[0], 0), order);
}

// A transpose that leaves all axes but those of extent 1 in order moves no element.
Match transposed_units(const Site& site) {
  if (!site.is<Transpose>()) return {};
  int last = -1;
  for (const std::int64_t axis : site.node.attributes.ints) {
    if (is_unit(site[0].shape()[static_cast<int>(axis)])) continue;
    if (axis < last) return {};
    last = static_cast<int>(axis);
  }
  return try_reshape(site[0], site.type().shape);
}

Match sliced_twice(const Site& site) {
  if (!site.is<Slice>() || !is<Slice>(site[0])) return {};
  Attributes box = site.node.attributes;
  for (int axis = 0; axis < site.type().rank(); ++axis)
    box.ints[axis] += attributes_of(site[0]).ints[axis];
  return detail::unary<Slice>(operand(site[0], 0), box);
}

Match padded_twice(const Site& site) {
  if (!site.is<Pad>() || !is<Pad>(site[0])) return {};
  Attributes widths = site.node.attributes;
  for (int i = 0; i < widths.ints.size(); ++i) widths.ints[i] += attributes_of(site[0]).ints[i];
  return detail::unary<Pad>(operand(site[0], 0), widths);
}

Match padded_zero(const Site& site) {
  if (!site.is<Pad>() || !is_constant(site[0], 0)) return {};
  return filled(site.graph, 0, site.type().shape);
}

// Where the box of a slice lies in relation to the elements that a pad surrounds.
enum class Cut { kInside, kOutside, kAcross };
Cut cut(const Attributes& box, Tensor pad) {
  const int rank = pad.rank();
  bool inside = true;
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t first = attributes_of(pad).ints[axis];
    const std::int64_t end = first + operand(pad, 0).shape()[axis].size;
    const std::int64_t from = box.ints[axis], to = from + box.ints[rank + axis];
    if (to <= first || end <= from) return Cut::kOutside;
    inside = inside && first <= from && to <= end;
  }
  return inside ? Cut::kInside : Cut::kAcross;
}

Match slice_of_pad(const Site& site) {
  if (!site.is<Slice>() || !is<Pad>(site[0])) return {};
  Attributes box = site.node.attributes;
  switch (cut(box, site[0])) {
    case Cut::kOutside:
      return filled(site.graph, 0, site.type().shape);
    case Cut::kInside:
      for (int axis = 0; axis < site.type().rank(); ++axis)
        box.ints[axis] -= attributes_of(site[0]).ints[axis];
      return detail::unary<Slice>(operand(site[0], 0), box);
    case Cut::kAcross:
      break;
  }
  return {};
}

// A slice of a concatenation: pad(x) + y, cut inside or outside of x.
Match slice_of_concat(const Site& site) {
  if (!site.is<Slice>() || !is<Add>(site[0])) return {};
  const Attributes box = site.node.attributes;
  for (const int i : {0, 1}) {
    const Tensor x = operand(site[0], i);
    if (!is<Pad>(x) || cut(box, x) == Cut::kAcross) continue;
    return again_on(site, operand(site[0], 0)) + again_on(site, operand(site[0], 1));
  }
  return {};
}

}  // namespace

std::span<const Rule> view_rules() {
  static const Rule rules[] = {
      {"view(x) = x, every element at its place", identity},
      {"reshape(reshape(x)) = reshape(x)", reshaped_twice},
      {"transpose(transpose(x, p), q) = transpose(x, p * q)", transposed_twice},
      {"transpose(x) = reshape(x), only unit axes moved", transposed_units},
      {"slice(slice(x)) = slice(x)", sliced_twice},
      {"pad(pad(x)) = pad(x)", padded_twice},
      {"pad(0) = 0", padded_zero},
      {"slice(pad(x)) = slice(x) or 0", slice_of_pad},
      {"slice(pad(x) + y) = slice(pad(x)) + slice(y)", slice_of_concat},
  };
  return rules;
}

}  // namespace gradc::passes
