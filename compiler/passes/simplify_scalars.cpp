// Scalar factors move outwards, to where they cost least: past products, sums, contractions and
// views, on each of which one multiplication of an element remains at most, and two factors that
// meet become one scalar. Negation travels as the factor -1.
//
// Rewrites round differently: x * s * t against x * (s * t).
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

// (x * s) * repeat(t) = x * repeat(s * t)
// (x * s) * y = (x * y) * s
Match out_of_product(const Site& site) {
  if (!site.is<Mul>()) return {};
  if (const Match t = repeated_scalar(site[1])) {
    const std::optional<Scaled> a = scaled(site[0]);
    if (!a) return {};
    return a->core * broadcast(a->factor * *t, site.type().shape);
  }
  if (const std::optional<Scaled> a = scaled(site[0])) return (a->core * site[1]) * a->factor;
  if (const std::optional<Scaled> b = scaled(site[1])) return (site[0] * b->core) * b->factor;
  return {};
}

Match out_of_dividend(const Site& site) {
  if (!site.is<Div>()) return {};
  if (const std::optional<Scaled> a = scaled(site[0])) return (a->core / site[1]) * a->factor;
  return {};
}
Match out_of_divisor(const Site& site) {
  if (!site.is<Div>()) return {};
  if (const std::optional<Scaled> b = scaled(site[1])) return (site[0] / b->core) * (1 / b->factor);
  return {};
}
// Constants hide no -1: (-2) / x = -(2 / x).
Match out_of_negative_dividend(const Site& site) {
  if (!site.is<Div>() || !is<Constant>(site[0])) return {};
  if (const Match c = negated(site[0])) return -(*c / site[1]);
  return {};
}
Match repeated_dividend(const Site& site) {
  if (!site.is<Div>()) return {};
  const Match s = repeated_scalar(site[0]);
  if (!s || is_constant(*s, 1)) return {};
  return (1 / site[1]) * *s;
}

Match out_of_negation(const Site& site) {
  if (!site.is<Neg>()) return {};
  const std::optional<Scaled> x = scaled(site[0]);
  if (x) return x->core * -x->factor;
  if (is<Mul>(site[0]) && ir::constant_value(operand(site[0], 1)))
    return operand(site[0], 0) * -operand(site[0], 1);
  return {};
}
// (x - y) * -s = (y - x) * s
Match difference_absorbs_sign(const Site& site) {
  if (!site.is<Mul>() || !is<Sub>(site[0])) return {};
  if (const Match s = negated(site[1])) return (operand(site[0], 1) - operand(site[0], 0)) * *s;
  return {};
}

// Whatever is linear in its first operand and takes no more room after than before it.
Match out_of_linear(const Site& site) {
  const bool linear = site.is<Sum>() || site.is<Reshape>() || site.is<Transpose>() ||
                      site.is<Slice>() || site.is<Pad>() || site.is<Gather>() || site.is<Scatter>();
  // Unit axes go outside of a factor (simplify_broadcasts.cpp), which `scaled` sees through them.
  if (!linear || (site.is<Reshape>() && differ_in_units(site[0].shape(), site.type().shape))) return {};
  if (const std::optional<Scaled> x = scaled(site[0])) return again_on(site, x->core) * x->factor;
  return {};
}
Match out_of_contraction(const Site& site) {
  if (!site.is<Contract>()) return {};
  if (const std::optional<Scaled> a = scaled(site[0])) return again(site, {a->core, site[1]}) * a->factor;
  if (const std::optional<Scaled> b = scaled(site[1])) return again(site, {site[0], b->core}) * b->factor;
  return {};
}
Match out_of_where(const Site& site) {
  if (!site.is<Where>()) return {};
  for (const int i : {1, 2}) {
    const std::optional<Scaled> x = scaled(site[i]);
    if (!x) continue;
    const Tensor other = site[3 - i];
    const Match rest = is_constant(other, 0) ? Match(other) : without_factor(other, x->factor);
    if (!rest) continue;
    return (i == 1 ? where(site[0], x->core, *rest) : where(site[0], *rest, x->core)) * x->factor;
  }
  return {};
}

// x * s + x * t = x * (s + t), where x alone counts as x * 1.
Match like_terms(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  const auto split = [&](Tensor x) {
    if (const std::optional<Scaled> parts = scaled(x)) return *parts;
    return Scaled{x, site.graph.constant(1)};
  };
  const Scaled a = split(site[0]), b = split(site[1]);
  if (!same(a.core, b.core)) return {};
  return a.core * (site.is<Add>() ? a.factor + b.factor : a.factor - b.factor);
}

// x * s + y * s = (x + y) * s, also where one of the two hides the factor: y = u * repeat(v * s).
Match common_factor(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  for (const int i : {0, 1}) {
    const std::optional<Scaled> x = scaled(site[i]);
    if (!x || is_constant(x->factor, -1)) continue;
    const Match y = without_factor(site[1 - i], x->factor);
    if (!y) continue;
    const Tensor other = broadcast(*y, site.type().shape);
    return again(site, {i == 0 ? x->core : other, i == 0 ? other : x->core}) * x->factor;
  }
  return {};
}

}  // namespace

std::span<const Rule> scalar_rules() {
  static const Rule rules[] = {
      {"(x * s) * y = (x * y) * s", out_of_product},
      {"(x * s) / y = (x / y) * s", out_of_dividend},
      {"x / (y * s) = (x / y) * (1 / s)", out_of_divisor},
      {"(-c) / x = -(c / x)", out_of_negative_dividend},
      {"repeat(s) / x = (1 / x) * s", repeated_dividend},
      {"-(x * s) = x * (-s)", out_of_negation},
      {"(x - y) * (-s) = (y - x) * s", difference_absorbs_sign},
      {"f(x * s) = f(x) * s for sums, views, gather, scatter", out_of_linear},
      {"contract(x * s, y) = contract(x, y) * s", out_of_contraction},
      {"where(m, x * s, y * s) = where(m, x, y) * s", out_of_where},
      {"x * s + x * t = x * (s + t)", like_terms},
      {"x * s + y * s = (x + y) * s", common_factor},
  };
  return rules;
}

}  // namespace gradc::passes
