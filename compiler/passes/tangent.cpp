#include "passes/tangent.h"

#include <string>
#include <utility>
#include <vector>

#include "ir/compact.h"
#include "ir/rewrite.h"
#include "ir/visit.h"
#include "passes/derivative.h"
#include "support/check.h"

namespace gradc::passes {
namespace {

// A tangent that is zero throughout has no graph.
bool is_zero(Tensor tangent) { return tangent.graph == nullptr; }
Tensor plus(Tensor a, Tensor b) { return is_zero(a) ? b : is_zero(b) ? a : a + b; }
Tensor or_zero(Tensor tangent, Graph& graph, const Shape& shape) {
  return is_zero(tangent) ? broadcast(graph.constant(0), shape) : tangent;
}

// The op of `y` itself, with `dx` in the place of its operand `k`: what a linear op does to
// tangents.
Tensor apply_to(const Node& y, int k, Tensor dx) {
  Operands operands = y.operands;
  operands[k] = dx.node;
  return dx.graph->append(y.op, operands, y.attributes, y.type, y.location);
}

// An elementwise op acts on each element alone, so its Jacobian is diagonal, equal to its
// transpose, and what passes cotangents back passes tangents on: dy = sum over k of vjp(dx_k)_k.
Tensor push_elementwise(Graph& graph, int y, const Tensors& dx) {
  Tensor dy;
  for (int k = 0; k < dx.size(); ++k)
    if (!is_zero(dx[k])) dy = plus(dy, pull_back(graph, y, dx[k])[k]);
  return dy;
}

// y = max x: dy is the mean of dx over the elements that reach the maximum.
Tensor push_max(Tensor y, Tensor x, Tensor dx, const Attributes& axes) {
  const Tensor reached = equal(x, detail::repeat(y, x.shape(), axes));
  return detail::unary<Sum>(reached * dx, axes) / detail::unary<Sum>(reached, axes);
}

// The tangent of node `y` from those of its operands.
Tensor push_forward(Graph& graph, int y, const Tensors& dx) {
  const Node node = graph[y];  // a copy: nodes move as the graph grows
  bool still = true;
  for (const Tensor& tangent : dx) still = still && is_zero(tangent);
  if (still) return {};
  const Graph::At at(graph, node.location);
  if (ir::visit(node.op, []<class Block>() { return ir::kHasBody<Block>; }))
    return push_elementwise(graph, y, dx);
  if (node.op == op_of<Max>)
    return push_max({&graph, y}, {&graph, node.operands[0]}, dx[0], node.attributes);
  if (node.op == op_of<Training>)
    return training(or_zero(dx[0], graph, node.type.shape), or_zero(dx[1], graph, node.type.shape));
  CHECK(node.op != op_of<Gradient>, "tangent comes after differentiate");
  // All others are linear in each operand: d(a b) = da b + a db.
  Tensor dy;
  for (int k = 0; k < dx.size(); ++k)
    if (!is_zero(dx[k])) dy = plus(dy, apply_to(node, k, dx[k]));
  return dy;
}

bool moves(const Graph& graph, const Node& node) {
  if (node.op != op_of<LeafOp> || !node.type.real()) return false;
  const Role role = graph.leaves[static_cast<std::size_t>(node.attributes.ints[0])].role;
  return role == Role::kParameter || role == Role::kInput;
}

}  // namespace

Graph tangent(const Graph& graph) {
  ir::Rewriter rewriter(graph);
  std::vector<std::pair<int, Tensor>> speeds;  // moving leaves, and their tangents
  for (const Leaf& leaf : graph.leaves) {
    if (!moves(graph, graph[leaf.node])) continue;
    const auto at = rewriter.at(leaf.node);
    speeds.push_back(
        {leaf.node, rewriter.graph().input(leaf.name + ".tangent", graph[leaf.node].type.shape)});
  }
  std::vector<Tensor> tangents(graph.nodes.size());  // by node of the old graph
  for (const auto& [leaf, speed] : speeds) tangents[leaf] = speed;
  for (int i = 0; i < rewriter.size(); ++i) {
    if (graph[i].op == op_of<LeafOp>) continue;
    const Tensor value = rewriter.copy(i);
    Tensors dx;
    for (const int operand : graph[i].operands) dx.push_back(tangents[operand]);
    tangents[i] = push_forward(rewriter.graph(), value.node, dx);
  }
  Graph result = std::move(rewriter).take();
  const auto output = [&](const Text& name, int old) {
    const Graph::At at(result, graph[old].location);
    Tensor dy = tangents[old];
    dy.graph = is_zero(dy) ? nullptr : &result;
    result.output(name + ".tangent", or_zero(dy, result, graph[old].type.shape));
  };
  bool named_loss = false;
  for (const Output& old : graph.outputs) {
    if (graph[old.node].type.real()) output(old.name, old.node);
    named_loss = named_loss || old.name == "loss";
  }
  if (graph.loss >= 0 && !named_loss) output("loss", graph.loss);
  result.updates.clear();
  return ir::compact(result);
}

}  // namespace gradc::passes
