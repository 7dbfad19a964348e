#include "passes/differentiate.h"

#include <utility>
#include <vector>

#include "ir/rewrite.h"
#include "passes/derivative.h"

namespace gradc::passes {
namespace {

// For each node up to `loss` whether it depends on one of `sources`, which depend on themselves.
std::vector<bool> depends_on(const Graph& graph, const std::vector<int>& sources, int loss) {
  std::vector<bool> depends(loss + 1);
  for (const int source : sources)
    if (source <= loss) depends[source] = true;
  for (int i = 0; i <= loss; ++i)
    for (const int operand : graph[i].operands)
      if (depends[operand]) depends[i] = true;
  return depends;
}

// Reverse mode. g[i], the cotangent of node i, is d loss / d node i: 1 for the loss, and for every
// other node the sum of what the nodes that use it pass back, each by its op's `vjp`. Users come
// later than what they use, so that g[i] is complete when the sweep arrives at i.
//
// Only nodes that depend on one of `sources` are visited. The cotangent of a node on which the loss
// does not depend stays without a graph.
std::vector<Tensor> reverse_sweep(Graph& graph, Tensor loss, const std::vector<int>& sources) {
  const std::vector<bool> active = depends_on(graph, sources, loss.node);
  std::vector<Tensor> g(loss.node + 1);
  {
    const Graph::At at(graph, graph[loss.node].location);
    g[loss.node] = graph.constant(1);
  }
  for (int i = loss.node; i >= 0; --i) {
    if (!active[i] || g[i].graph == nullptr) continue;
    const Node node = graph[i];  // a copy: nodes move as the graph grows
    const Graph::At at(graph, node.location);
    const Tensors cotangents = pull_back(graph, i, g[i]);
    for (int k = 0; k < node.operands.size(); ++k) {
      const int operand = node.operands[k];
      const Tensor part = cotangents[k];
      if (part.graph == nullptr || !active[operand]) continue;
      g[operand] = g[operand].graph == nullptr ? part : g[operand] + part;
    }
  }
  return g;
}

// All x of the gradients of one loss, as nodes of the new graph. Those declared after the loss are
// not there yet, and the loss cannot depend on them.
std::vector<int> sources_of(ir::Rewriter& rewriter, int loss) {
  std::vector<int> sources;
  for (const Node& node : rewriter.old().nodes)
    if (node.op == op_of<Gradient> && node.operands[0] == loss && rewriter.has(node.operands[1]))
      sources.push_back(rewriter[node.operands[1]].node);
  return sources;
}

bool is_source(const Graph& graph, int x) {
  for (const Node& node : graph.nodes)
    if (node.op == op_of<Gradient> && node.operands[1] == x) return true;
  return false;
}

}  // namespace

Graph differentiate(const Graph& graph) {
  ir::Rewriter rewriter(graph);
  std::vector<std::vector<Tensor>> swept(graph.nodes.size());  // by loss, a node of the old graph
  for (int i = 0; i < rewriter.size(); ++i) {
    const Node& node = graph[i];
    if (node.op != op_of<Gradient>) {
      rewriter.copy(i);
      continue;
    }
    const int loss = node.operands[0];
    std::vector<Tensor>& g = swept[loss];
    if (g.empty()) g = reverse_sweep(rewriter.graph(), rewriter[loss], sources_of(rewriter, loss));
    const auto at = rewriter.at(i);
    const std::size_t x = static_cast<std::size_t>(rewriter[node.operands[1]].node);
    const bool reached = x < g.size() && g[x].graph != nullptr;
    const Shape& shape = node.type.shape;
    const Tensor result = reached ? g[x] : broadcast(rewriter.graph().constant(0), shape);
    // Two x may share one cotangent. A gradient that is itself an x needs a node of its own.
    rewriter.set(i, is_source(graph, i) ? reshape(result, shape) : result);
  }
  return std::move(rewriter).take();
}

}  // namespace gradc::passes
