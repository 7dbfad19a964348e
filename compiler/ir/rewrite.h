// rewrite: a graph rebuilt node by node, with rules written as algebra on tensors.
//
//   // x + 0 = x
//   std::optional<Tensor> drop_zero(const Site& site) {
//     if (site.is<Add>() && is_constant(site[1], 0)) return site[0];
//     return {};
//   }
//   Graph simpler = rewrite(graph, {{"x + 0 = x", drop_zero}});
//
// Nodes that a rule makes (`site[0] * (1 - site[1])`) get the location of the node they replace.
// What a rule may assume of numbers stands in docs/arithmetic.md.
#pragma once

#include <gradc/dsl.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace gradc::ir {

// The new graph in the making. It owns the graph that its tensors point into and therefore never
// moves; `take` ends it. A pass that needs more than rules (differentiate) drives one by hand:
//
//   Rewriter rewriter(old);
//   for (int i = 0; i < rewriter.size(); ++i) {
//     const auto at = rewriter.at(i);         // new nodes get the location of old node i
//     rewriter.set(i, replaces(i) ? algebra(rewriter[j], rewriter[k]) : rewriter.copy(i));
//   }
//   return std::move(rewriter).take();
class Rewriter {
 public:
  explicit Rewriter(const Graph& old);
  Rewriter(const Rewriter&) = delete;
  Rewriter& operator=(const Rewriter&) = delete;

  const Graph& old() const { return old_; }
  int size() const { return static_cast<int>(old_.nodes.size()); }
  // From the start it has the leaves, in the order of declaration, and all that is not a node. Only
  // outputs, updates and loss still name old nodes.
  Graph& graph() { return graph_; }

  // The tensor that stands for node `i` of the old graph; it has been set or copied before.
  Tensor operator[](int i);
  bool has(int i) const { return map_[i] >= 0; }

  // Old node `i` on the new operands.
  Tensor copy(int i);
  // From now on `value`, of the type of old node `i`, stands for it.
  void set(int i, Tensor value);
  // While the result lives, new nodes get the location of old node `i`.
  Graph::At at(int i) { return Graph::At(graph_, old_.nodes[i].location); }

  // The new graph: outputs, updates and loss of the old one on the new nodes. Not compacted.
  Graph take() &&;

 private:
  const Graph& old_;
  Graph graph_;
  std::vector<int> map_;  // old node to new; -1: not there yet
};

// Where a rule is tried: a node as it will stand in the new graph if no rule replaces it. Its type
// is that of the old node, for replacements keep types.
struct Site {
  Graph& graph;      // the new graph
  const Node& node;  // operands are nodes of the new graph
  int old;           // which node of the old graph this was
  const Graph& old_graph;

  // The i-th operand, in the new graph.
  Tensor operator[](int i) const { return {&graph, node.operands[i]}; }
  const Type& type() const { return node.type; }
  template <class Block>
  bool is() const {
    return node.op == op_of<Block>;
  }
};

// The node behind a tensor (by value, for appending moves nodes), and whether it applies an op.
inline Node node_of(Tensor tensor) { return tensor.graph->nodes[tensor.node]; }
template <class Block>
bool is(Tensor tensor) {
  return tensor.graph->nodes[tensor.node].op == op_of<Block>;
}
// The i-th operand of the node behind a tensor.
inline Tensor operand(Tensor tensor, int i) {
  return {tensor.graph, tensor.graph->nodes[tensor.node].operands[i]};
}
// The number of a tensor whose elements are all one constant, seen through broadcast and reshape.
std::optional<double> constant_value(Tensor tensor);

// A rule is named by its law. `apply` gives the replacement, of the same type, or nothing. It may
// append nodes freely; what it does not use in the end is dead and goes.
struct Rule {
  const char* law;
  std::function<std::optional<Tensor>(const Site&)> apply;
};

// One sweep from the leaves up: at each node the first rule that fires replaces it. Nodes made by a
// rule are not tried again in the same sweep. The result is compact (compact.h). `fired`, if given,
// counts for each rule how often it fired.
Graph rewrite(const Graph& graph, std::span<const Rule> rules, std::vector<int>* fired = nullptr);
Graph rewrite(const Graph& graph, std::initializer_list<Rule> rules);
// Sweeps until no rule fires. A set of rules that goes on for `limit` sweeps is a bug.
Graph rewrite_until_stable(const Graph& graph, std::span<const Rule> rules, int limit = 100);

}  // namespace gradc::ir
