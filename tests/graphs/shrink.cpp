#include <graphs/generate.h>
#include <ir/compact.h>
#include <ir/rewrite.h>
#include <ir/verify.h>

#include <cstdlib>
#include <utility>

namespace gradc::graphs {
namespace {

// Leaves that nothing reads are part of a graph's interface, but not of why it fails.
Graph without_unused_leaves(const Graph& graph) {
  const std::vector<bool> live = ir::live_nodes(graph);
  Graph result = graph;
  result.nodes.clear();
  result.leaves.clear();
  std::vector<int> map(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!live[i]) continue;
    Node node = graph.nodes[i];
    for (int& operand : node.operands) operand = map[operand];
    map[i] = static_cast<int>(result.nodes.size());
    if (node.op == op_of<LeafOp>) {
      result.leaves.push_back(graph.leaves[node.attributes.ints[0]]);
      result.leaves.back().node = map[i];
      node.attributes.ints[0] = static_cast<std::int64_t>(result.leaves.size()) - 1;
    }
    result.nodes.push_back(node);
  }
  for (Output& output : result.outputs) output.node = map[output.node];
  for (Update& update : result.updates) {
    update.leaf = map[update.leaf];
    update.node = map[update.node];
  }
  if (result.loss >= 0) result.loss = map[result.loss];
  return result;
}

// `graph` with the value of node i replaced by a node of the same type.
template <class Replacement>
Graph with_replaced(const Graph& graph, int i, Replacement replacement) {
  ir::Rewriter rewriter(graph);
  for (int j = 0; j < rewriter.size(); ++j) {
    const Graph::At at = rewriter.at(j);
    if (j == i)
      rewriter.set(j, replacement(rewriter));
    else
      rewriter.copy(j);
  }
  return std::move(rewriter).take();
}

// Every dimension of size `from` becomes `to`, wherever it is written. Mostly ill-formed; verify
// says.
Graph with_dimension(Graph graph, std::int64_t from, std::int64_t to) {
  const auto change = [&](std::int64_t& size) { size = size == from ? to : size; };
  change(graph.batch_dim.size);
  for (Leaf& leaf : graph.leaves) change(leaf.classes);
  for (Node& node : graph.nodes) {
    for (Dim& dim : node.type.shape) change(dim.size);
    auto& ints = node.attributes.ints;
    if (node.op == op_of<Scatter>) change(ints[0]);
    if (node.op == op_of<Slice>)
      for (int k = ints.size() / 2; k < ints.size(); ++k) change(ints[k]);
  }
  return graph;
}

class Shrinker {
 public:
  Shrinker(const Graph& failing, const Fails& fails) : graph_(failing), fails_(fails) {}

  Graph run() {
    try_graph(graph_);
    while (drop_roots() || replace_nodes() || shrink_dimensions()) {
    }
    return graph_;
  }

 private:
  // Takes the candidate over if it is well-formed and still fails.
  bool try_graph(const Graph& candidate) {
    const Graph compact = ir::compact(without_unused_leaves(candidate));
    if (!ir::verify(compact).empty() || !fails_(compact)) return false;
    graph_ = compact;
    return true;
  }

  template <class Sequence>
  bool drop_one(Sequence Graph::* roots) {
    bool any = false;
    for (int i = static_cast<int>((graph_.*roots).size()) - 1; i >= 0; --i) {
      Graph candidate = graph_;
      (candidate.*roots).erase((candidate.*roots).begin() + i);
      any = try_graph(candidate) || any;
    }
    return any;
  }
  bool drop_roots() {
    bool any = drop_one(&Graph::outputs);
    any = drop_one(&Graph::updates) || any;
    if (graph_.loss >= 0) {
      Graph candidate = graph_;
      candidate.loss = -1;
      any = try_graph(candidate) || any;
    }
    return any;
  }

  bool replace_nodes() {
    bool any = false;
    // From the roots down; a success may shorten the graph.
    for (int i = static_cast<int>(graph_.nodes.size()) - 1; i >= 0; --i) {
      if (i >= static_cast<int>(graph_.nodes.size())) continue;
      any = replace_node(i) || any;
    }
    return any;
  }
  bool replace_node(int i) {
    const Node node = graph_.nodes[i];
    if (node.op == op_of<LeafOp> || node.op == op_of<Constant>) return false;
    for (const int operand : node.operands)
      if (graph_.nodes[operand].type == node.type &&
          try_graph(with_replaced(graph_, i, [&](ir::Rewriter& r) { return r[operand]; })))
        return true;
    if (node.op == op_of<Slice>) {  // from the start, so that the operand can become smaller
      Graph candidate = graph_;
      auto& ints = candidate.nodes[i].attributes.ints;
      bool moved = false;
      for (int k = 0; k < ints.size() / 2; ++k) moved = std::exchange(ints[k], 0) != 0 || moved;
      if (moved && try_graph(candidate)) return true;
    }
    if (node.op == op_of<Pad>) {  // a slice may take what it takes from the operand itself
      Graph candidate = graph_;
      bool moved = false;
      for (Node& user : candidate.nodes)
        for (int& operand : user.operands)
          if (operand == i) operand = node.operands[0], moved = true;
      if (moved && try_graph(candidate)) return true;
    }
    if (node.op == op_of<Sum> && node.type.rank() == 0) {  // of all elements, whatever their shape
      const Node& of = graph_.nodes[node.operands[0]];
      if (of.op == op_of<Reshape> || of.op == op_of<Transpose>) {
        Graph candidate = graph_;
        Node& sum = candidate.nodes[i];
        sum.operands[0] = of.operands[0];
        sum.attributes.ints = {};
        for (int axis = 0; axis < graph_.nodes[of.operands[0]].type.rank(); ++axis)
          sum.attributes.ints.push_back(axis);
        if (try_graph(candidate)) return true;
      }
    }
    const bool constant =
        node.op == op_of<Broadcast> && graph_.nodes[node.operands[0]].op == op_of<Constant>;
    if (!node.type.real() || constant) return false;
    return try_graph(with_replaced(graph_, i, [&](ir::Rewriter& r) {
      const Tensor half = r.graph().constant(0.5);
      return node.type.rank() == 0 ? half : broadcast(half, node.type.shape);
    }));
  }

  bool shrink_dimensions() {
    std::vector<std::int64_t> sizes;
    for (const Node& node : graph_.nodes)
      for (const Dim& dim : node.type.shape)
        if (dim.size > 1) sizes.push_back(dim.size);
    for (const std::int64_t size : sizes)
      for (const std::int64_t smaller : {std::int64_t{1}, size / 2, size - 1})
        if (smaller >= 1 && smaller < size && try_graph(with_dimension(graph_, size, smaller)))
          return true;
    return false;
  }

  Graph graph_;
  const Fails& fails_;
};

}  // namespace

Graph shrink(const Graph& failing, const Fails& fails) {
  if (std::getenv("GRADC_NO_SHRINKING") != nullptr) return failing;
  return Shrinker(failing, fails).run();
}

}  // namespace gradc::graphs
