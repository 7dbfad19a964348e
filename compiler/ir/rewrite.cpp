#include <ir/compact.h>
#include <ir/print.h>
#include <ir/rewrite.h>
#include <support/check.h>

namespace gradc::ir {

Rewriter::Rewriter(const Graph& old) : old_(old), map_(old.nodes.size(), -1) {
  graph_ = old;
  graph_.nodes.clear();
  graph_.nodes.reserve(2 * old.nodes.size());
  // Leaves first, so that `graph()` can be asked for them by name at any time.
  for (const Leaf& leaf : old.leaves) copy(leaf.node);
}

Tensor Rewriter::operator[](int i) {
  CHECK(i >= 0 && i < size() && map_[i] >= 0, "node " + std::to_string(i) + " is not there yet");
  return {&graph_, map_[i]};
}

Tensor Rewriter::copy(int i) {
  CHECK(i >= 0 && i < size());
  if (map_[i] >= 0) return {&graph_, map_[i]};
  Node node = old_.nodes[i];
  for (int& operand : node.operands) operand = (*this)[operand].node;
  map_[i] = static_cast<int>(graph_.nodes.size());
  if (node.op == op_of<LeafOp>) graph_.leaves[node.attributes.ints[0]].node = map_[i];
  graph_.nodes.push_back(node);
  return {&graph_, map_[i]};
}

void Rewriter::set(int i, Tensor value) {
  CHECK(value.graph == &graph_, "a replacement is a tensor of the new graph");
  CHECK(value.type() == old_.nodes[i].type,
        "a replacement keeps the type: " + print_type(old_.nodes[i].type) + " became " +
            print_type(value.type()));
  map_[i] = value.node;
}

Graph Rewriter::take() && {
  for (Output& output : graph_.outputs) output.node = (*this)[output.node].node;
  for (Update& update : graph_.updates) {
    update.leaf = (*this)[update.leaf].node;
    update.node = (*this)[update.node].node;
  }
  if (graph_.loss >= 0) graph_.loss = (*this)[graph_.loss].node;
  return std::move(graph_);
}

std::optional<double> constant_value(Tensor tensor) {
  while (is<Broadcast>(tensor) || is<Reshape>(tensor)) tensor = operand(tensor, 0);
  if (!is<Constant>(tensor)) return {};
  return node_of(tensor).attributes.value;
}

Graph rewrite(const Graph& graph, std::span<const Rule> rules, std::vector<int>* fired) {
  if (fired != nullptr) fired->resize(rules.size(), 0);
  Rewriter rewriter(graph);
  for (int i = 0; i < rewriter.size(); ++i) {
    if (rewriter.has(i)) continue;
    const Graph::At at = rewriter.at(i);
    Node node = graph.nodes[i];
    for (int& operand : node.operands) operand = rewriter[operand].node;
    const Site site{rewriter.graph(), node, i, graph};
    for (std::size_t r = 0; r < rules.size() && !rewriter.has(i); ++r) {
      const std::size_t mistakes = rewriter.graph().diagnostics.size();
      const std::optional<Tensor> replacement = rules[r].apply(site);
      CHECK(rewriter.graph().diagnostics.size() == mistakes,
            std::string("the rule ") + rules[r].law +
                " made an ill-typed node: " + rewriter.graph().diagnostics.back().message.str());
      if (!replacement) continue;
      rewriter.set(i, *replacement);
      if (fired != nullptr) ++(*fired)[r];
    }
    if (!rewriter.has(i)) rewriter.copy(i);
  }
  return compact(std::move(rewriter).take());
}

Graph rewrite(const Graph& graph, std::initializer_list<Rule> rules) {
  return rewrite(graph, std::span<const Rule>(rules.begin(), rules.size()));
}

Graph rewrite_until_stable(const Graph& graph, std::span<const Rule> rules, int limit) {
  Graph current = compact(graph);
  std::vector<int> fired;
  for (int sweep = 0; sweep < limit; ++sweep) {
    fired.clear();
    Graph next = rewrite(current, rules, &fired);
    bool stable = true;
    for (const int count : fired) stable = stable && count == 0;
    if (stable) return next;
    current = std::move(next);
  }
  std::string laws;
  for (std::size_t r = 0; r < rules.size(); ++r)
    if (fired[r] > 0) laws += std::string(laws.empty() ? "" : "; ") + rules[r].law;
  CHECK(false, "after " + std::to_string(limit) + " sweeps rules still fire: " + laws);
  return current;
}

}  // namespace gradc::ir
