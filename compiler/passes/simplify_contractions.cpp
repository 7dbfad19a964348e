// Contractions: transposes become part of them, and what does not change along a contracted axis
// leaves a sum.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

bool ascending(const Axes& axes) {
  for (int i = 1; i < axes.size(); ++i)
    if (axes[i - 1] > axes[i]) return false;
  return true;
}

Axes through(const Axes& axes, const Attributes& order) {
  Axes result;
  for (const int axis : axes) result.push_back(static_cast<int>(order.ints[axis]));
  return result;
}

// contract(transpose(a), b) = contract(a, b) with the axes renamed, if the free axes of a keep
// their order; else the result would be another.
Match of_transpose(const Site& site) {
  if (!site.is<Contract>()) return {};
  ContractAxes axes = ContractAxes::decode(site.node.attributes);
  if (is<Transpose>(site[0])) {
    const Attributes order = attributes_of(site[0]);
    if (ascending(through(axes.left_free(site[0].rank()), order))) {
      axes.left_batch = through(axes.left_batch, order);
      axes.left_over = through(axes.left_over, order);
      return contract(operand(site[0], 0), site[1], axes);
    }
  }
  if (is<Transpose>(site[1])) {
    const Attributes order = attributes_of(site[1]);
    if (ascending(through(axes.right_free(site[1].rank()), order))) {
      axes.right_batch = through(axes.right_batch, order);
      axes.right_over = through(axes.right_over, order);
      return contract(site[0], operand(site[1], 0), axes);
    }
  }
  return {};
}

// transpose(contract(a, b)) = contract(b, a), if it exchanges the free axes of a and b.
Match transposed(const Site& site) {
  if (!site.is<Transpose>() || !is<Contract>(site[0])) return {};
  const Tensor a = operand(site[0], 0), b = operand(site[0], 1);
  const ContractAxes axes = ContractAxes::decode(attributes_of(site[0]));
  const int batch = axes.left_batch.size();
  const int left = axes.left_free(a.rank()).size(), right = axes.right_free(b.rank()).size();
  const auto& order = site.node.attributes.ints;
  for (int i = 0; i < order.size(); ++i) {
    const int from = i < batch ? i : i < batch + right ? i + left : i - right;
    if (order[i] != from) return {};
  }
  return contract(b, a, {axes.right_batch, axes.left_batch, axes.right_over, axes.left_over});
}

// The contracted pairs in the order of the left operand, so that equal contractions are one node.
Match order_pairs(const Site& site) {
  if (!site.is<Contract>()) return {};
  ContractAxes axes = ContractAxes::decode(site.node.attributes);
  if (ascending(axes.left_over)) return {};
  for (int i = 1; i < axes.left_over.size(); ++i)
    for (int j = i; j > 0 && axes.left_over[j - 1] > axes.left_over[j]; --j) {
      std::swap(axes.left_over[j - 1], axes.left_over[j]);
      std::swap(axes.right_over[j - 1], axes.right_over[j]);
    }
  return contract(site[0], site[1], axes);
}

// x without axis `gone`, along which it repeats.
Tensor without_axis(Tensor x, int gone) {
  Attributes sources;
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (axis == gone) continue;
    sources.ints.push_back(attributes_of(x).ints[axis]);
    shape.push_back(x.shape()[axis]);
  }
  return repeat_along(operand(x, 0), sources, shape);
}

Axes moved_down(const Axes& axes, int gone) {
  Axes result;
  for (const int axis : axes)
    if (axis != gone) result.push_back(axis - (axis > gone));
  return result;
}

// contract(a, repeat(b)) over an axis along which b repeats: a is summed along it first.
Match over_repeated(const Site& site) {
  if (!site.is<Contract>()) return {};
  const ContractAxes axes = ContractAxes::decode(site.node.attributes);
  for (int i = 0; i < axes.left_over.size(); ++i) {
    const int l = axes.left_over[i], r = axes.right_over[i];
    const bool left = repeats_along(site[0], l), right = repeats_along(site[1], r);
    if (!left && !right) continue;
    const ContractAxes rest{moved_down(axes.left_batch, l), moved_down(axes.right_batch, r),
                            moved_down(axes.left_over, l), moved_down(axes.right_over, r)};
    return left ? contract(without_axis(site[0], l), sum(site[1], {r}), rest)
                : contract(sum(site[0], {l}), without_axis(site[1], r), rest);
  }
  return {};
}

// contract(a, repeat(b)) with b repeated along a free axis: the result repeats along it.
Match along_repeated(const Site& site) {
  if (!site.is<Contract>()) return {};
  const ContractAxes axes = ContractAxes::decode(site.node.attributes);
  const Axes left = axes.left_free(site[0].rank()), right = axes.right_free(site[1].rank());
  for (int i = 0; i < left.size() + right.size(); ++i) {
    const bool from_left = i < left.size();
    const int axis = from_left ? left[i] : right[i - left.size()];
    if (!repeats_along(site[from_left ? 0 : 1], axis)) continue;
    ContractAxes rest = axes;
    Axes& batch = from_left ? rest.left_batch : rest.right_batch;
    Axes& over = from_left ? rest.left_over : rest.right_over;
    batch = moved_down(batch, axis);
    over = moved_down(over, axis);
    const Tensor y = from_left ? contract(without_axis(site[0], axis), site[1], rest)
                               : contract(site[0], without_axis(site[1], axis), rest);
    Attributes sources;
    const int gone = axes.left_batch.size() + i;
    for (int k = 0, next = 0; k < site.type().rank(); ++k)
      sources.ints.push_back(k == gone ? -1 : next++);
    return repeat_along(y, sources, site.type().shape);
  }
  return {};
}

// A contraction over nothing but axes of extent 1, or over none at all, of a scalar: a product.
Match by_scalar(const Site& site) {
  if (!site.is<Contract>()) return {};
  for (const int i : {0, 1})
    if (site[i].rank() == 0) return site[1 - i] * site[i];
  return {};
}

}  // namespace

std::span<const Rule> contraction_rules() {
  static const Rule rules[] = {
      {"contract(s, x) = x * s", by_scalar},
      {"contract(transpose(x), y) = contract(x, y), axes renamed", of_transpose},
      {"transpose(contract(x, y)) = contract(y, x)", transposed},
      {"contract over (p, q) = contract over (q, p)", order_pairs},
      {"contract(x, repeat(y)) over the repeated axis = contract(sum(x), y)", over_repeated},
      {"contract(x, repeat(y)) along a free axis = repeat(contract(x, y))", along_repeated},
  };
  return rules;
}

}  // namespace gradc::passes
