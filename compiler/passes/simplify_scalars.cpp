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
// Whatever is linear in its first operand and takes no more room after than before it.
Match out_of_linear(const Site& site) {
  const bool linear = site.is<Sum>() || site.is<Reshape>() || site.is<Transpose>() ||
                      site.is<Slice>() || site.is<Gather>() || site.is<Scatter>();
  // Unit axes and pads go outside of a factor; `scaled` sees it through them.
  if (!linear || (site.is<Reshape>() && differ_in_units(site[0].shape(), site.type().shape)))
    return {};
  if (const std::optional<Scaled> x = scaled(site[0])) return again_on(site, x->core) * x->factor;
  return {};
}
Match out_of_contraction(const Site& site) {
  if (!site.is<Contract>()) return {};
  if (const std::optional<Scaled> a = scaled(site[0]))
    return again(site, {a->core, site[1]}) * a->factor;
  if (const std::optional<Scaled> b = scaled(site[1]))
    return again(site, {site[0], b->core}) * b->factor;
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
Match join(Tensor x, Tensor y, bool add) {
  const auto split = [](Tensor term) {
    if (const std::optional<Scaled> parts = scaled(term)) return *parts;
    return Scaled{term, term.graph->constant(1)};
  };
  const Scaled a = split(x), b = split(y);
  if (!same(a.core, b.core)) return {};
  return a.core * (add ? a.factor + b.factor : a.factor - b.factor);
}
Match like_terms(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  return join(site[0], site[1], site.is<Add>());
}
// The same with another term between: (x * s + y) + x * t = x * (s + t) + y.
Match like_terms_apart(const Site& site) { return join_apart(site, join); }

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

// The same for a factor that repeats: x * repeat(v) + repeat(w * v) = (x + repeat(w)) * repeat(v).
Match common_repeated_factor(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  for (const int i : {0, 1}) {
    const Tensor product = site[i], other = site[1 - i];
    if (!is<Mul>(product) || !is<Broadcast>(other) || !is<Mul>(operand(other, 0))) continue;
    for (const int j : {1, 0}) {
      const Tensor repeated = operand(product, j);
      if (!is<Broadcast>(repeated) || operand(repeated, 0).rank() == 0) continue;
      const Attributes sources = attributes_of(repeated);
      if (!(attributes_of(other) == sources)) continue;
      for (const int k : {0, 1}) {
        if (!same(operand(operand(other, 0), k), operand(repeated, 0))) continue;
        const Tensor w =
            repeat_along(operand(operand(other, 0), 1 - k), sources, site.type().shape);
        const Tensor x = operand(product, 1 - j);
        return again(site, {i == 0 ? x : w, i == 0 ? w : x}) * repeated;
      }
    }
  }
  return {};
}

// A factor that a sum stops joins a repeated one that is smaller: (x * repeat(v)) * s + y.
Match join_repeated(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  for (const int i : {0, 1}) {
    if (!is<Mul>(site[i])) continue;
    const Match s = repeated_scalar(operand(site[i], 1));
    const Tensor product = operand(site[i], 0);
    if (!s || !is<Mul>(product)) continue;
    for (const int j : {1, 0}) {
      const Tensor repeated = operand(product, j);
      if (!is<Broadcast>(repeated)) continue;
      const Tensor v = operand(repeated, 0) * *s;
      const Tensor x =
          operand(product, 1 - j) * repeat_along(v, attributes_of(repeated), site.type().shape);
      return i == 0 ? again(site, {x, site[1]}) : again(site, {site[0], x});
    }
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
      {"f(x * s) = f(x) * s for sums, views, gather, scatter", out_of_linear},
      {"contract(x * s, y) = contract(x, y) * s", out_of_contraction},
      {"where(m, x * s, y * s) = where(m, x, y) * s", out_of_where},
      {"x * s + x * t = x * (s + t)", like_terms},
      {"(x * s + y) + x * t = x * (s + t) + y", like_terms_apart},
      {"x * s + y * s = (x + y) * s", common_factor},
      {"x * repeat(v) + repeat(w * v) = (x + repeat(w)) * repeat(v)", common_repeated_factor},
      {"x * repeat(v) * s + y = x * repeat(v * s) + y", join_repeated},
  };
  return rules;
}

}  // namespace gradc::passes
