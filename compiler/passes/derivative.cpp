#include "passes/derivative.h"

#include <string>
#include <utility>

#include "ir/visit.h"
#include "support/check.h"

namespace gradc::passes {
namespace {

// The block's `vjp`: of elementwise ops a lambda (g, y, x...), of others a function of the operands
// as a list. Leaves have none and no operands either.
template <class Block>
Tensors pull_back_through(Tensor g, Tensor y, const Tensors& x, const Attributes& attributes) {
  if constexpr (ir::kHasBody<Block>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Block::vjp(g, y, x[static_cast<int>(I)]...);
    }(std::make_index_sequence<Block::arity>());
  } else if constexpr (ir::kHasVjp<Block>) {
    return Block::vjp(g, y, x, attributes);
  } else {
    CHECK(Block::arity == 0, std::string(Block::name) + " has no derivative");
    return {};
  }
}

}  // namespace

Tensors pull_back(Graph& graph, int node, Tensor g) {
  const Node y = graph[node];  // a copy: nodes move as the graph grows
  Tensors x;
  for (const int operand : y.operands) x.push_back(Tensor{&graph, operand});
  return ir::visit(y.op, [&]<class Block>() {
    return pull_back_through<Block>(g, {&graph, node}, x, y.attributes);
  });
}

}  // namespace gradc::passes
