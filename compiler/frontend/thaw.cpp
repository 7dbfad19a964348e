#include "frontend/thaw.h"

#include "support/intern.h"

namespace gradc::frontend {
namespace {

template <class Enum>
bool at_most(Enum value, Enum last) {
  return static_cast<int>(value) <= static_cast<int>(last);
}

bool in_range(const Node& node, int index, const Graph& graph) {
  if (static_cast<int>(node.op) >= Ops::size) return false;
  const OpInfo& info = info_of(node.op);
  if (node.operands.size() != info.arity || !at_most(node.type.element, Element::kPoison))
    return false;
  for (int operand : node.operands)
    if (operand < 0 || operand >= index) return false;
  if (node.op != op_of<LeafOp>) return true;
  const auto& ints = node.attributes.ints;
  return ints.size() == 1 && ints[0] >= 0 &&
         ints[0] < static_cast<std::int64_t>(graph.leaves.size()) &&
         graph.leaves[static_cast<std::size_t>(ints[0])].node == index;
}

bool in_range(const Leaf& leaf, int nodes) {
  return at_most(leaf.role, Role::kState) && leaf.node >= 0 && leaf.node < nodes &&
         at_most(leaf.initializer.kind, Initializer::Kind::kUniform);
}

bool in_range(const Graph& graph) {
  const int nodes = static_cast<int>(graph.nodes.size());
  const auto names_file = [&](const Location& location) {
    return location.file >= -1 && location.file < static_cast<int>(graph.files.size());
  };
  const auto names_node = [&](int node) { return node >= 0 && node < nodes; };
  for (int i = 0; i < nodes; ++i)
    if (!in_range(graph.nodes[i], i, graph) || !names_file(graph.nodes[i].location)) return false;
  for (const Leaf& leaf : graph.leaves)
    if (!in_range(leaf, nodes)) return false;
  for (const Output& output : graph.outputs)
    if (!names_node(output.node) || !names_file(output.location)) return false;
  for (const Update& update : graph.updates)
    if (!names_node(update.leaf) || !names_node(update.node) || !names_file(update.location))
      return false;
  for (const ConfigFact& fact : graph.config_facts)
    if (!names_file(fact.location)) return false;
  for (const Diagnostic& diagnostic : graph.diagnostics) {
    if (!names_file(diagnostic.location)) return false;
    for (const Note& note : diagnostic.notes)
      if (!names_file(note.location)) return false;
  }
  return graph.loss >= -1 && graph.loss < nodes && graph.real != Element::kI32 &&
         at_most(graph.real, Element::kPoison) && at_most(graph.data.kind, Dataset::Kind::kPairs) &&
         at_most(graph.data.order, Dataset::Order::kSequential);
}

}  // namespace

std::optional<Graph> thaw(const Frozen& frozen) {
  Reader reader(frozen, support::intern);
  Graph graph;
  transfer(reader, graph);
  if (!reader.ok || !in_range(graph)) return {};
  return graph;
}

}  // namespace gradc::frontend
