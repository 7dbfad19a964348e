// Reductions: fewer axes, fewer elements, and nothing inside that does not change along the axes.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

bool reduces(const Site& site) { return site.is<Sum>() || site.is<Max>(); }

// The site's reduction of another tensor over other axes.
Tensor reduce_again(const Site& site, Tensor x, const Attributes& axes) {
  return site.is<Sum>() ? reduce_over<Sum>(x, axes) : reduce_over<Max>(x, axes);
}

Match over_nothing(const Site& site) {
  if (reduces(site) && site.node.attributes.ints.empty()) return site[0];
  return {};
}

Match over_units(const Site& site) {
  if (!reduces(site)) return {};
  if (!differ_in_units(site[0].shape(), site.type().shape)) return {};
  return reshape(site[0], site.type().shape);
}

// sum(sum(x)) = sum(x) over the axes of both.
Match reduced_twice(const Site& site) {
  if (!reduces(site) || ir::node_of(site[0]).op != site.node.op) return {};
  const Attributes inner = attributes_of(site[0]), outer = site.node.attributes;
  Attributes axes;
  int kept = 0;  // axes of x that the inner one keeps, so far
  for (int axis = 0; axis < operand(site[0], 0).rank(); ++axis)
    if (contains(inner, axis) || contains(outer, kept++)) axes.ints.push_back(axis);
  return reduce_again(site, operand(site[0], 0), axes);
}

// Unit axes pass: reshape(x) reduced is x reduced over the same other axes, reshaped.
Match of_units(const Site& site) {
  if (!reduces(site)) return {};
  const Match x = behind_units(site[0]);
  if (!x) return {};
  const Shape before = x->shape(), after = site[0].shape();
  Attributes axes;
  int to = 0;
  for (int from = 0; from < before.size(); ++from) {
    if (is_unit(before[from])) continue;
    while (is_unit(after[to])) ++to;
    if (contains(site.node.attributes, to)) axes.ints.push_back(from);
    ++to;
  }
  return try_reshape(reduce_again(site, *x, axes), site.type().shape);
}

Match of_all_reshaped(const Site& site) {
  if (!reduces(site) || site.type().rank() != 0 || !is<Reshape>(site[0])) return {};
  const Tensor x = operand(site[0], 0);
  return reduce_again(site, x, detail::ints_of(detail::all_axes(x.rank())));
}

Match of_transpose(const Site& site) {
  if (!reduces(site) || !is<Transpose>(site[0])) return {};
  const Attributes order = attributes_of(site[0]);
  Axes axes;
  for (const std::int64_t axis : site.node.attributes.ints)
    axes.push_back(static_cast<int>(order.ints[static_cast<int>(axis)]));
  axes = detail::normalized(axes, order.ints.size());
  Axes rest;  // the kept axes of the operand, counted without the reduced ones
  for (int axis = 0; axis < order.ints.size(); ++axis) {
    if (contains(site.node.attributes, axis)) continue;
    auto place = static_cast<int>(order.ints[axis]);
    for (const int reduced : axes) place -= reduced < order.ints[axis];
    rest.push_back(place);
  }
  return transpose(reduce_again(site, operand(site[0], 0), detail::ints_of(axes)), rest);
}

// The sum of n equal values is n times one of them, their maximum that value.
Match of_repeated(const Site& site) {
  if (!reduces(site) || !is<Broadcast>(site[0])) return {};
  const Attributes sources = attributes_of(site[0]);
  const Shape full = site[0].shape();
  Shape shape;            // without the axes that go
  Attributes kept, axes;  // sources of those that stay, and which of these are still reduced
  std::int64_t times = 1;
  Tensor count = site.graph.constant(1);
  for (int axis = 0; axis < full.size(); ++axis) {
    const bool reduced = contains(site.node.attributes, axis);
    if (reduced && sources.ints[axis] < 0) {
      if (full[axis].batched)
        count = count * site.graph.extent(full[axis]);
      else
        times *= full[axis].size;
      continue;
    }
    if (reduced) axes.ints.push_back(shape.size());
    kept.ints.push_back(sources.ints[axis]);
    shape.push_back(full[axis]);
  }
  if (shape.size() == full.size()) return {};
  const Tensor y = reduce_again(site, repeat_along(operand(site[0], 0), kept, shape), axes);
  return site.is<Max>() ? y : y * (count * static_cast<double>(times));
}

// Zeros add nothing: along reduced axes a pad goes, along others it comes after.
Match of_pad(const Site& site) {
  if (!site.is<Sum>() || !is<Pad>(site[0])) return {};
  const Attributes widths = attributes_of(site[0]);
  const int rank = site[0].rank();
  Attributes rest;
  for (int i = 0; i < 2 * rank; ++i)
    if (!contains(site.node.attributes, i % rank)) rest.ints.push_back(widths.ints[i]);
  return detail::unary<Pad>(reduce_over<Sum>(operand(site[0], 0), site.node.attributes), rest);
}

// Whether x takes one value along all summed axes.
bool constant_along(Tensor x, const Attributes& axes) {
  if (!is<Broadcast>(x)) return false;
  for (const std::int64_t axis : axes.ints)
    if (!repeats_along(x, static_cast<int>(axis))) return false;
  return true;
}

// sum(x * repeat(v)) = sum(x) * v, if v repeats along all summed axes.
Match factor_out(const Site& site) {
  if (!site.is<Sum>() || !is<Mul>(site[0]) || normalized_of(site[0])) return {};
  for (const int i : {1, 0}) {
    const Tensor factor = operand(site[0], i);
    if (!constant_along(factor, site.node.attributes)) continue;
    Attributes sources;
    for (int axis = 0; axis < factor.rank(); ++axis)
      if (!contains(site.node.attributes, axis))
        sources.ints.push_back(attributes_of(factor).ints[axis]);
    return again(site, {operand(site[0], 1 - i)}) *
           repeat_along(operand(factor, 0), sources, site.type().shape);
  }
  return {};
}

// The same one factor deeper: sum((x * repeat(v)) * y) = sum((x * y) * repeat(v)).
Match inner_factor_out(const Site& site) {
  if (!site.is<Sum>() || !is<Mul>(site[0])) return {};
  for (const int i : {0, 1}) {
    const Tensor product = operand(site[0], i), y = operand(site[0], 1 - i);
    if (!is<Mul>(product) || normalized_of(product) || is<Broadcast>(y)) continue;
    for (const int j : {1, 0}) {
      const Tensor factor = operand(product, j), x = operand(product, 1 - j);
      if (constant_along(factor, site.node.attributes) && !is<Broadcast>(x))
        return again(site, {(x * y) * factor});
    }
  }
  return {};
}

// Whether s = 1 / n, with n the number of elements along `axes` of a shape.
bool is_reciprocal_count(Tensor s, const Shape& shape, const Attributes& axes) {
  double count = 1;
  bool batched = false;
  for (const std::int64_t axis : axes.ints) {
    const Dim& dim = shape[static_cast<int>(axis)];
    batched = batched || dim.batched;
    const std::int64_t batch = s.graph->batch_dim.size;
    count *= static_cast<double>(dim.batched ? dim.size / batch : dim.size);
  }
  if (!batched) return is_constant(s, 1 / count);
  if (is<Mul>(s) && count != 1)
    return is_constant(operand(s, 1), 1 / count) && is<Div>(operand(s, 0)) &&
           is_constant(operand(operand(s, 0), 0), 1) && is<Extent>(operand(operand(s, 0), 1));
  return count == 1 && is<Div>(s) && is_constant(operand(s, 0), 1) && is<Extent>(operand(s, 1));
}

// sum(x - repeat(mean(x))) = 0, the mean over the summed axes.
Match deviations_from_mean(const Site& site) {
  if (!site.is<Sum>() || !is<Sub>(site[0]) || !is<Broadcast>(operand(site[0], 1))) return {};
  const Tensor x = operand(site[0], 0), repeated = operand(site[0], 1);
  const std::optional<Scaled> mean = scaled(operand(repeated, 0));
  Tensor total = operand(repeated, 0), reciprocal = total;
  if (mean) {
    total = mean->core;
    reciprocal = mean->factor;
  } else if (is<Mul>(total) && total.rank() == 0) {  // the mean of everything, a scalar
    reciprocal = operand(total, 1);
    total = operand(total, 0);
  }
  if (!is<Sum>(total) || !same(operand(total, 0), x)) return {};
  const Attributes axes = attributes_of(total);
  if (!(axes == site.node.attributes) || !is_reciprocal_count(reciprocal, x.shape(), axes))
    return {};
  for (int axis = 0; axis < x.rank(); ++axis)
    if (repeats_along(repeated, axis) != contains(axes, axis) && !is_unit(x.shape()[axis]))
      return {};
  return filled(site.graph, 0, site.type().shape);
}

}  // namespace

std::span<const Rule> reduction_rules() {
  static const Rule rules[] = {
      {"sum(x, no axes) = x", over_nothing},
      {"sum(x, unit axes) = reshape(x)", over_units},
      {"sum(sum(x)) = sum(x)", reduced_twice},
      {"sum(reshape(x)) = reshape(sum(x)), unit axes", of_units},
      {"sum(reshape(x), all axes) = sum(x, all axes)", of_all_reshaped},
      {"sum(transpose(x)) = transpose(sum(x))", of_transpose},
      {"sum(repeat(x)) = x * n, max(repeat(x)) = x", of_repeated},
      {"sum(pad(x)) = pad(sum(x))", of_pad},
      {"sum(x - repeat(mean(x))) = 0", deviations_from_mean},
      {"sum(x * repeat(v)) = sum(x) * v", factor_out},
      {"sum(x * repeat(v) * y) = sum(x * y * repeat(v))", inner_factor_out},
  };
  return rules;
}

}  // namespace gradc::passes
