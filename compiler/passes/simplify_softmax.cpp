// What softmax and cross-entropy leave behind. With e = exp(z - max z) and s = sum e, along
// classes:
//
//   log softmax(z) = z - max z - log s
//   loss           = -sum(one_hot * log softmax(z)) / n
//   d loss / d z   = (e * repeat(1 / s) - one_hot) * (1 / n)
//
// Reverse mode writes the last as -one_hot / n + e * repeat(sum(one_hot / n) / s). The laws of
// scalars and reductions do most of the way; the rules here know that one-hot rows and
// probabilities sum to 1 and keep probabilities together, so that forward and backward share them.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

Match sum_of_one_hot(const Site& site) {
  if (!site.is<Sum>()) return {};
  const std::optional<OneHot> rows = as_one_hot(site[0]);
  if (!rows || !contains(site.node.attributes, rows->axis)) return {};
  Attributes axes;
  for (const std::int64_t axis : site.node.attributes.ints)
    if (axis != rows->axis) axes.ints.push_back(axis - (axis > rows->axis));
  return reduce_over<Sum>(filled(site.graph, 1, rows->tokens.shape()), axes);
}

// sum(b * repeat(1 / sum b)) = 1, along the axes of the inner sum.
Match sum_of_probabilities(const Site& site) {
  if (!site.is<Sum>() || !normalized_of(site[0])) return {};
  for (const int side : {0, 1}) {
    const Tensor repeated = operand(site[0], side);
    if (!is<Broadcast>(repeated)) continue;
    for (int axis = 0; axis < repeated.rank(); ++axis)
      if (repeats_along(repeated, axis) != contains(site.node.attributes, axis)) return {};
    return filled(site.graph, 1, site.type().shape);
  }
  return {};
}

// (a * repeat(1 / sum b)) * b = a * p, with p = b * repeat(1 / sum b).
Match probabilities_together(const Site& site) {
  if (!site.is<Mul>()) return {};
  for (const int i : {0, 1}) {
    const Tensor product = site[i], b = site[1 - i];
    if (!is<Mul>(product) || normalized_of(product)) continue;
    for (const int j : {0, 1}) {
      if (!is<Broadcast>(operand(product, j))) continue;
      const Tensor p = b * operand(product, j);
      if (normalized_of(p)) return operand(product, 1 - j) * p;
    }
  }
  return {};
}

// exp(x - repeat(log sum exp(x))) = exp(x) * repeat(1 / sum exp(x)). Only there: it does not
// overflow where the sum did not.
Match exp_of_log_softmax(const Site& site) {
  if (!site.is<Exp>() || !is<Sub>(site[0]) || !is<Broadcast>(operand(site[0], 1))) return {};
  const Tensor x = operand(site[0], 0), repeated = operand(site[0], 1);
  const Tensor log = operand(repeated, 0);
  if (!is<Log>(log) || !is<Sum>(operand(log, 0))) return {};
  const Tensor total = operand(log, 0), e = operand(total, 0);
  if (!is<Exp>(e) || !same(operand(e, 0), x)) return {};
  const Attributes sources = attributes_of(repeated);
  return e * repeat_along(1 / total, sources, site.type().shape);
}

}  // namespace

std::span<const Rule> softmax_rules() {
  static const Rule rules[] = {
      {"sum(one_hot(i)) = 1", sum_of_one_hot},
      {"sum(softmax(x)) = 1", sum_of_probabilities},
      {"x * repeat(1 / sum e) * e = x * (e * repeat(1 / sum e))", probabilities_together},
      {"exp(log_softmax(x)) = softmax(x)", exp_of_log_softmax},
  };
  return rules;
}

}  // namespace gradc::passes
