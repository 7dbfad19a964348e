#include "passes/placed.h"

#include <gradc/dsl.h>

namespace gradc::passes {
namespace {

// The axis along which a node counts 0, 1, 2, ...; -1: none.
int counted_axis(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op == op_of<Iota>) return static_cast<int>(node.attributes.ints[0]);
  return node.op == op_of<Cast> ? counted_axis(graph, node.operands[0]) : -1;
}

// The i32 input of one element, below `limit`, that a node repeats; -1: none.
int repeated_class(const Graph& graph, int id, std::int64_t limit) {
  const Node& node = graph[id];
  if (node.op == op_of<LeafOp>) {
    const std::int64_t classes = graph.leaf_of(id)->classes;
    const bool fits = node.type.rank() == 0 && node.type.element == Element::kI32;
    return fits && classes > 0 && classes <= limit ? id : -1;
  }
  if (node.op != op_of<Broadcast> && node.op != op_of<Cast>) return -1;
  return repeated_class(graph, node.operands[0], limit);
}

// Whether a node is the new value of `leaf` and nothing else.
bool only_updates(const Graph& graph, int node, int leaf) {
  int updates = 0;
  for (const Update& update : graph.updates)
    if (update.node == node) updates += update.leaf == leaf ? 1 : 2;
  for (const Output& output : graph.outputs)
    if (output.node == node) return false;
  return updates == 1;
}

}  // namespace

std::optional<Placed> placed_update(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op != op_of<Where> || graph[node.operands[0]].op != op_of<Equal>) return {};
  const Node &mask = graph[node.operands[0]], &value = graph[node.operands[1]];
  if (!only_updates(graph, id, node.operands[2]) || value.op != op_of<Broadcast>) return {};
  for (int i = 0; i < 2; ++i) {
    const int axis = counted_axis(graph, mask.operands[i]);
    if (axis < 0) continue;
    const int place = repeated_class(graph, mask.operands[1 - i], node.type.shape[axis].size);
    const auto source = static_cast<int>(value.attributes.ints[axis]);
    if (place < 0) continue;
    if (source < 0 || graph[value.operands[0]].type.shape[source].size == 1)
      return Placed{axis, place};
  }
  return {};
}

bool first_update(const Graph& graph, int id, int place) {
  const Node& node = graph[id];
  if (node.op != op_of<Where> || !only_updates(graph, id, node.operands[2])) return false;
  const Node* mask = &graph[node.operands[0]];
  if (mask->op == op_of<Broadcast>) mask = &graph[mask->operands[0]];
  if (mask->op != op_of<Equal>) return false;
  for (int i = 0; i < 2; ++i) {
    const Node &present = graph[mask->operands[i]], &zero = graph[mask->operands[1 - i]];
    if (present.op == op_of<Cast> && present.operands[0] == place && zero.op == op_of<Constant> &&
        zero.attributes.value == 0)
      return true;
  }
  return false;
}

}  // namespace gradc::passes
