#include "passes/joins.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <optional>

namespace gradc::passes {
namespace {

// The one axis along which a pad adds anything; -1: none, or several.
int padded_axis(const Graph& graph, const Node& pad) {
  const Shape& inner = graph[pad.operands[0]].type.shape;
  int found = -1;
  for (int axis = 0; axis < inner.size(); ++axis) {
    if (inner[axis].size == pad.type.shape[axis].size) continue;
    if (found >= 0) return -1;
    found = axis;
  }
  return found;
}

class Search {
 public:
  explicit Search(const Graph& graph) : graph_(graph), uses_(graph.nodes.size()) {
    for (const Node& node : graph.nodes)
      for (const int operand : node.operands) ++uses_[static_cast<std::size_t>(operand)];
    for (const Output& output : graph.outputs) ++uses_[static_cast<std::size_t>(output.node)];
    for (const Update& update : graph.updates) ++uses_[static_cast<std::size_t>(update.node)];
  }

  // From the last node on, so that the largest sum is found before those within it.
  Joins run() {
    for (int id = static_cast<int>(graph_.nodes.size()) - 1; id >= 0; --id) {
      if (graph_[id].op != op_of<Add> || joins_.within.contains(id)) continue;
      std::vector<int> inside;
      Join join;
      if (!collect(id, join, inside) || !covers(id, join)) continue;
      joins_.at[id] = std::move(join);
      joins_.within.insert(inside.begin(), inside.end());
    }
    return std::move(joins_);
  }

 private:
  bool collect(int sum, Join& join, std::vector<int>& inside) const {
    for (const int operand : graph_[sum].operands) {
      const Node& node = graph_[operand];
      if (uses_[static_cast<std::size_t>(operand)] > 1) return false;
      inside.push_back(operand);
      if (node.op == op_of<Add>) {
        if (!collect(operand, join, inside)) return false;
        continue;
      }
      if (node.op != op_of<Pad>) return false;
      const int axis = padded_axis(graph_, node);
      if (axis < 0 || (join.axis >= 0 && join.axis != axis)) return false;
      join.axis = axis;
      add_part({node.operands[0], node.attributes.ints[axis]}, join, inside);
    }
    return true;
  }

  // A part that is a join along the same axis, and nothing else's, is its parts.
  void add_part(const Join::Part& part, Join& join, std::vector<int>& inside) const {
    Join inner;
    std::vector<int> within;
    const bool joins =
        graph_[part.node].op == op_of<Add> && uses_[static_cast<std::size_t>(part.node)] == 1 &&
        collect(part.node, inner, within) && inner.axis == join.axis && covers(part.node, inner);
    if (!joins) return join.parts.push_back(part);
    for (const Join::Part& one : inner.parts)
      join.parts.push_back({one.node, part.offset + one.offset});
    inside.push_back(part.node);
    inside.insert(inside.end(), within.begin(), within.end());
  }

  // Whether the parts fill the axis without meeting. A batched axis has no fixed places.
  bool covers(int sum, Join& join) const {
    const Dim& whole = graph_[sum].type.shape[join.axis];
    std::ranges::sort(join.parts, {}, &Join::Part::offset);
    std::int64_t end = 0;
    for (const Join::Part& part : join.parts) {
      if (part.offset != end) return false;
      end += graph_[part.node].type.shape[join.axis].size;
    }
    return end == whole.size && !whole.batched;
  }

  const Graph& graph_;
  std::vector<int> uses_;
  Joins joins_;
};

}  // namespace

Joins find_joins(const Graph& graph) { return Search(graph).run(); }

}  // namespace gradc::passes
