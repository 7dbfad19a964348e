// Constant folding: an op on scalar constants is worked out in double, as the interpreter would. On
// repeated constants the laws of broadcasts (simplify_broadcasts.cpp) make it an op on scalars.
#include <utility>

#include "ir/real.h"
#include "ir/visit.h"
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

template <class Block>
std::optional<double> fold(const Site& site) {
  if constexpr (ir::kHasBody<Block>) {
    for (int i = 0; i < Block::arity; ++i)
      if (!is<Constant>(site[i])) return {};
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto x = [&](int i) { return ir::Real(ir::node_of(site[i]).attributes.value); };
      return ir::Real(Block::body(x(static_cast<int>(I))...)).value;
    }(std::make_index_sequence<Block::arity>());
  } else {
    return {};
  }
}

Match fold_constants(const Site& site) {
  const std::optional<double> value =
      ir::visit(site.node.op, [&]<class Block>() { return fold<Block>(site); });
  if (!value) return {};
  return site.graph.constant(*value);
}

}  // namespace

std::span<const Rule> constant_rules() {
  static const Rule rules[] = {
      {"f(c, d) = its value", fold_constants},
  };
  return rules;
}

}  // namespace gradc::passes
