#include <gradc/dsl.h>
#include <ir/compact.h>
#include <support/check.h>

#include <bit>
#include <map>

namespace gradc::ir {
namespace {

// What makes two nodes equal, as words. Numbers count by their bits: 0 and -0 differ, and a NaN
// equals itself.
std::vector<std::int64_t> key_of(const Node& node) {
  std::vector<std::int64_t> key{static_cast<std::int64_t>(node.op),
                                static_cast<std::int64_t>(node.type.element),
                                std::bit_cast<std::int64_t>(node.attributes.value),
                                node.type.shape.size(), node.operands.size()};
  for (const Dim& dim : node.type.shape) {
    key.push_back(dim.size);
    key.push_back(dim.batched);
  }
  for (const int operand : node.operands) key.push_back(operand);
  for (const std::int64_t word : node.attributes.ints) key.push_back(word);
  return key;
}

}  // namespace

std::vector<bool> live_nodes(const Graph& graph) {
  std::vector<bool> live(graph.nodes.size(), false);
  for (const Output& output : graph.outputs) live[output.node] = true;
  for (const Update& update : graph.updates) live[update.leaf] = live[update.node] = true;
  if (graph.loss >= 0) live[graph.loss] = true;
  for (int i = static_cast<int>(graph.nodes.size()) - 1; i >= 0; --i)
    if (live[i])
      for (const int operand : graph.nodes[i].operands) live[operand] = true;
  return live;
}

Graph compact(const Graph& graph) {
  const std::vector<bool> live = live_nodes(graph);
  Graph result = graph;
  result.nodes.clear();
  std::vector<int> map(graph.nodes.size(), -1);
  std::map<std::vector<std::int64_t>, int> known;
  const auto add = [&](int i) {
    if (map[i] >= 0) return;
    Node node = graph.nodes[i];
    for (int& operand : node.operands) {
      CHECK(operand < i, "operands stand before their users");
      operand = map[operand];
    }
    const auto [place, is_new] =
        known.try_emplace(key_of(node), static_cast<int>(result.nodes.size()));
    map[i] = place->second;
    if (is_new) result.nodes.push_back(node);
  };
  for (const Leaf& leaf : graph.leaves) add(leaf.node);
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i)
    if (live[i]) add(i);

  for (Leaf& leaf : result.leaves) leaf.node = map[leaf.node];
  for (Output& output : result.outputs) output.node = map[output.node];
  for (Update& update : result.updates) {
    update.leaf = map[update.leaf];
    update.node = map[update.node];
  }
  if (result.loss >= 0) result.loss = map[result.loss];
  return result;
}

}  // namespace gradc::ir
