// Laws of single elements: neutral and absorbing elements, signs, order, inverse functions.
#include <cmath>

#include "ir/real.h"
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

template <class... Blocks>
bool is_one_of(const Site& site) {
  return (site.is<Blocks>() || ...);
}

// The operands of sums and products stand in one order, so that x * y and y * x become one node:
// constants last, before them repeated scalars, else as they were made.
int order_class(Tensor x) { return ir::constant_value(x) ? 2 : repeated_scalar(x) ? 1 : 0; }
Match order_operands(const Site& site) {
  if (!is_one_of<Add, Mul, Maximum, Minimum, Equal>(site)) return {};
  const int a = order_class(site[0]), b = order_class(site[1]);
  if (a < b || (a == b && site[0].node <= site[1].node)) return {};
  return again(site, {site[1], site[0]});
}

Match add_zero(const Site& site) {
  if (site.is<Add>() && is_constant(site[1], 0)) return site[0];
  return {};
}
Match subtract_zero(const Site& site) {
  if (site.is<Sub>() && is_constant(site[1], 0)) return site[0];
  return {};
}
Match subtract_constant(const Site& site) {
  if (!site.is<Sub>()) return {};
  const std::optional<double> c = ir::constant_value(site[1]);
  if (c) return site[0] + -*c;
  return {};
}
Match subtract_from_zero(const Site& site) {
  if (site.is<Sub>() && is_constant(site[0], 0)) return -site[1];
  return {};
}
Match subtract_itself(const Site& site) {
  if (site.is<Sub>() && same(site[0], site[1])) return filled(site.graph, 0, site.type().shape);
  return {};
}
Match times_one(const Site& site) {
  if (site.is<Mul>() && is_constant(site[1], 1)) return site[0];
  return {};
}
Match times_zero(const Site& site) {
  if (site.is<Mul>() && is_constant(site[1], 0)) return site[1];
  return {};
}
Match times_minus_one(const Site& site) {
  if (site.is<Mul>() && is_constant(site[1], -1)) return -site[0];
  return {};
}
Match divided_by_one(const Site& site) {
  if (site.is<Div>() && is_constant(site[1], 1)) return site[0];
  return {};
}
Match zero_divided(const Site& site) {
  if (site.is<Div>() && is_constant(site[0], 0)) return site[0];
  return {};
}
Match divided_by_itself(const Site& site) {
  if (site.is<Div>() && same(site[0], site[1])) return filled(site.graph, 1, site.type().shape);
  return {};
}
Match times_reciprocal(const Site& site) {
  if (!site.is<Mul>()) return {};
  for (const int i : {0, 1}) {
    const Tensor reciprocal = site[i];
    if (is<Div>(reciprocal) && is_constant(operand(reciprocal, 0), 1) &&
        same(operand(reciprocal, 1), site[1 - i]))
      return filled(site.graph, 1, site.type().shape);
  }
  return {};
}
Match reciprocal_divided(const Site& site) {
  if (site.is<Div>() && is<Div>(site[0]) && is_constant(operand(site[0], 0), 1) &&
      same(operand(site[0], 1), site[1]))
    return site[0] * site[0];
  return {};
}
// Exact for a power of two, else within a unit in the last place.
Match divided_by_constant(const Site& site) {
  if (!site.is<Div>()) return {};
  const std::optional<double> c = ir::constant_value(site[1]);
  if (!c || !std::isfinite(1 / *c) || 1 / *c == 0) return {};
  return site[0] * (1 / *c);
}

Match double_negation(const Site& site) {
  if (site.is<Neg>() && is<Neg>(site[0])) return operand(site[0], 0);
  return {};
}
Match negated_difference(const Site& site) {
  if (site.is<Neg>() && is<Sub>(site[0])) return operand(site[0], 1) - operand(site[0], 0);
  return {};
}
Match add_negated(const Site& site) {
  if (!site.is<Add>() || ir::constant_value(site[1])) return {};
  if (const Match y = negated(site[1])) return site[0] - *y;
  return {};
}
Match negated_added(const Site& site) {
  if (!site.is<Add>() || ir::constant_value(site[0])) return {};
  if (const Match x = negated(site[0])) return site[1] - *x;
  return {};
}
Match subtract_negated(const Site& site) {
  if (!site.is<Sub>()) return {};
  if (const Match y = negated(site[1])) return site[0] + *y;
  return {};
}
Match subtract_from_negation(const Site& site) {
  if (site.is<Sub>() && is<Neg>(site[0])) return -(operand(site[0], 0) + site[1]);
  return {};
}

// (x + c) + d = x + (c + d), and the same for products.
template <class Block>
Match gather_constants(const Site& site) {
  if (!site.is<Block>() || !is<Block>(site[0])) return {};
  const std::optional<double> c = ir::constant_value(operand(site[0], 1));
  const std::optional<double> d = ir::constant_value(site[1]);
  if (!c || !d) return {};
  const double both = ir::Real(Block::body(ir::Real(*c), ir::Real(*d))).value;
  return again(site, {operand(site[0], 0), filled(site.graph, both, site.type().shape)});
}

// x without the constant that is a term of it: x = rest + c. Nothing if there is none.
struct Shifted {
  Tensor rest;
  double c;
};
std::optional<Shifted> without_constant(Tensor x, int depth = kSearchDepth) {
  if (depth == 0 || (!is<Add>(x) && !is<Sub>(x))) return {};
  const bool adds = is<Add>(x);
  const Tensor a = operand(x, 0), b = operand(x, 1);
  if (const std::optional<double> c = ir::constant_value(b)) return Shifted{a, adds ? *c : -*c};
  if (const auto left = without_constant(a, depth - 1))
    return Shifted{adds ? left->rest + b : left->rest - b, left->c};
  if (const auto right = without_constant(b, depth - 1))
    return Shifted{adds ? a + right->rest : a - right->rest, adds ? right->c : -right->c};
  return {};
}
// (x + c) + (y + d) = (x + y) + (c + d), wherever in the two sums the constants stand, or if one
// is nothing but a constant.
Match gather_constants_of_sums(const Site& site) {
  if (!site.is<Add>() && !site.is<Sub>()) return {};
  const auto x = without_constant(site[0]);
  const auto y = without_constant(site[1]);
  const std::optional<double> c = ir::constant_value(site[0]);
  if (c && y && site.is<Sub>()) return filled(site.graph, *c - y->c, site.type().shape) - y->rest;
  if (!x) return {};
  if (const std::optional<double> d = ir::constant_value(site[1]))
    return x->rest + (site.is<Add>() ? x->c + *d : x->c - *d);
  if (!y) return {};
  return again(site, {x->rest, y->rest}) + (site.is<Add>() ? x->c + y->c : x->c - y->c);
}

// Powers first, so that the products of a power rule meet: x * (x * y) = (x * x) * y.
Match powers_together(const Site& site) {
  if (!site.is<Mul>()) return {};
  for (const int i : {0, 1}) {
    if (!is<Mul>(site[i])) continue;
    const Tensor x = site[1 - i], a = operand(site[i], 0), b = operand(site[i], 1);
    if (same(a, b)) continue;
    if (same(a, x)) return (x * x) * b;
    if (same(b, x)) return (x * x) * a;
  }
  return {};
}

// What `product` is times, without the factor x; nothing if x is none.
Match quotient(Tensor product, Tensor x, int depth = kSearchDepth) {
  if (same(product, x)) return filled(*x.graph, 1, x.shape());
  if (depth == 0 || !is<Mul>(product)) return {};
  for (const int i : {0, 1}) {
    const Tensor other = operand(product, 1 - i);
    if (same(operand(product, i), x)) return other;
    if (const Match rest = quotient(operand(product, i), x, depth - 1)) return *rest * other;
  }
  return {};
}
// x * y + x * z = x * (y + z), where x may stand anywhere in the two products, and a scalar alone
// counts as x * 1: one operation less, and none between x and the result but one. Factors that
// repeat a scalar have laws of their own.
Match factor_out(const Site& site, Tensor x, int depth = kSearchDepth) {
  if (depth == 0 || ir::constant_value(x) || repeated_scalar(x)) return {};
  if (is<Mul>(x) || !same(x, site[0]) || site.type().rank() == 0) {
    const Match a = quotient(site[0], x), b = quotient(site[1], x);
    const bool alone = a && b && (is_constant(*a, 1) || is_constant(*b, 1));
    if (a && b && (!alone || site.type().rank() == 0)) return x * again(site, {*a, *b});
  }
  if (!is<Mul>(x)) return {};
  for (const int i : {0, 1})
    if (const Match factored = factor_out(site, operand(x, i), depth - 1)) return factored;
  return {};
}
Match common_product(const Site& site) {
  if (!is_one_of<Add, Sub>(site)) return {};
  return factor_out(site, site[0]);
}

// Whether x plus or minus a number takes no operation more than x, once products are rounded with
// sums: a number, a product with one, or a sum of such.
bool takes_number(Tensor x, int depth = kSearchDepth) {
  if (ir::constant_value(x)) return true;
  if (is<Mul>(x)) return ir::constant_value(operand(x, 1)).has_value();
  if (depth == 0 || (!is<Add>(x) && !is<Sub>(x))) return false;
  return takes_number(operand(x, 0), depth - 1) || takes_number(operand(x, 1), depth - 1);
}
// x * y + x * z = x * (y + z) with another term between, where y and z are such polynomials.
Match factor_out_apart(Tensor a, Tensor b, bool add, Tensor x, int depth = kSearchDepth) {
  if (depth == 0 || ir::constant_value(x) || repeated_scalar(x)) return {};
  const Match y = quotient(a, x), z = quotient(b, x);
  if (y && z && takes_number(*y) && takes_number(*z)) return x * (add ? *y + *z : *y - *z);
  if (!is<Mul>(x)) return {};
  for (const int i : {0, 1})
    if (const Match factored = factor_out_apart(a, b, add, operand(x, i), depth - 1))
      return factored;
  return {};
}
Match common_product_apart(const Site& site) {
  return join_apart(site,
                    [](Tensor a, Tensor b, bool add) { return factor_out_apart(a, b, add, b); });
}

Match log_of_exp(const Site& site) {
  if (site.is<Log>() && is<Exp>(site[0])) return operand(site[0], 0);
  return {};
}
Match exp_of_log(const Site& site) {
  if (site.is<Exp>() && is<Log>(site[0])) return operand(site[0], 0);
  return {};
}
Match square_of_root(const Site& site) {
  if (site.is<Mul>() && same(site[0], site[1]) && is<Sqrt>(site[0])) return operand(site[0], 0);
  return {};
}
Match idempotent(const Site& site) {
  if (is_one_of<Relu, Abs, Sign>(site) && ir::node_of(site[0]).op == site.node.op) return site[0];
  return {};
}
Match even_function(const Site& site) {
  if (is_one_of<Abs, Cos>(site) && is<Neg>(site[0])) return again(site, {operand(site[0], 0)});
  return {};
}
Match odd_function(const Site& site) {
  if (is_one_of<Tanh, Erf, Sin, Sign>(site) && is<Neg>(site[0]))
    return -again(site, {operand(site[0], 0)});
  return {};
}

Match extreme_of_itself(const Site& site) {
  if (is_one_of<Maximum, Minimum>(site) && same(site[0], site[1])) return site[0];
  return {};
}
Match maximum_with_zero(const Site& site) {
  if (site.is<Maximum>() && is_constant(site[1], 0)) return relu(site[0]);
  return {};
}
Match compared_with_itself(const Site& site) {
  if (!is_one_of<Less, LessEqual, Equal>(site) || !same(site[0], site[1])) return {};
  return filled(site.graph, site.is<Less>() ? 0 : 1, site.type().shape);
}
Match chosen_by_constant(const Site& site) {
  if (!site.is<Where>()) return {};
  const std::optional<double> mask = ir::constant_value(site[0]);
  if (mask) return site[*mask != 0 ? 1 : 2];
  return {};
}
Match chosen_from_equals(const Site& site) {
  if (site.is<Where>() && same(site[1], site[2])) return site[1];
  return {};
}
Match mask_itself(const Site& site) {
  if (!site.is<Where>() || !is_constant(site[1], 1) || !is_constant(site[2], 0)) return {};
  if (is<Less>(site[0]) || is<LessEqual>(site[0]) || is<Equal>(site[0])) return site[0];
  return {};
}
Match detached(const Site& site) {
  if (site.is<Detach>()) return site[0];
  return {};
}

}  // namespace

std::span<const Rule> arithmetic_rules() {
  static const Rule rules[] = {
      {"detach(x) = x", detached},
      {"y + x = x + y", order_operands},
      {"x + 0 = x", add_zero},
      {"x - 0 = x", subtract_zero},
      {"0 - x = -x", subtract_from_zero},
      {"x - c = x + (-c)", subtract_constant},
      {"x - x = 0", subtract_itself},
      {"x * 1 = x", times_one},
      {"x * 0 = 0", times_zero},
      {"x * -1 = -x", times_minus_one},
      {"x / 1 = x", divided_by_one},
      {"0 / x = 0", zero_divided},
      {"x / x = 1", divided_by_itself},
      {"x * (1 / x) = 1", times_reciprocal},
      {"(1 / x) / x = (1 / x) * (1 / x)", reciprocal_divided},
      {"x / c = x * (1 / c)", divided_by_constant},
      {"-(-x) = x", double_negation},
      {"-(x - y) = y - x", negated_difference},
      {"x + (-y) = x - y", add_negated},
      {"(-x) + y = y - x", negated_added},
      {"x - (-y) = x + y", subtract_negated},
      {"(-x) - y = -(x + y)", subtract_from_negation},
      {"(x + c) + d = x + (c + d)", gather_constants<Add>},
      {"(x * c) * d = x * (c * d)", gather_constants<Mul>},
      {"(x + c) + (y + d) = (x + y) + (c + d)", gather_constants_of_sums},
      {"x * (x * y) = (x * x) * y", powers_together},
      {"x * y + x * z = x * (y + z)", common_product},
      {"(x * y + w) + x * z = x * (y + z) + w for polynomials y, z", common_product_apart},
      {"log(exp(x)) = x", log_of_exp},
      {"exp(log(x)) = x", exp_of_log},
      {"sqrt(x) * sqrt(x) = x", square_of_root},
      {"f(f(x)) = f(x), f = relu, abs, sign", idempotent},
      {"f(-x) = f(x), f = abs, cos", even_function},
      {"f(-x) = -f(x), f = tanh, erf, sin, sign", odd_function},
      {"maximum(x, x) = x", extreme_of_itself},
      {"maximum(x, 0) = relu(x)", maximum_with_zero},
      {"less(x, x) = 0", compared_with_itself},
      {"where(c, x, y) = x or y", chosen_by_constant},
      {"where(m, x, x) = x", chosen_from_equals},
      {"where(m, 1, 0) = m for a comparison m", mask_itself},
  };
  return rules;
}

}  // namespace gradc::passes
