#include "passes/memory_order.h"

#include <numeric>

namespace gradc::passes {
namespace {

// The node through which all users read another one, or -1.
int only_view(const Graph& graph, const std::vector<int>& users, Op op) {
  for (const int user : users)
    if (graph[user].op != op || !(graph[user].attributes == graph[users.front()].attributes) ||
        !(graph[user].type == graph[users.front()].type))
      return -1;
  return users.empty() ? -1 : users.front();
}

// The last axis with more than one place.
int innermost(const Shape& shape, const std::vector<int>& order) {
  for (std::size_t i = order.size(); i-- > 0;)
    if (shape[order[i]].size > 1) return order[i];
  return -1;
}

}  // namespace

std::vector<std::vector<int>> users_of(const Graph& graph) {
  std::vector<std::vector<int>> users(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (const int operand : graph.nodes[i].operands)
      users[static_cast<std::size_t>(operand)].push_back(static_cast<int>(i));
  return users;
}

MemoryOrder memory_order(const Graph& graph, const std::vector<std::vector<int>>& users, int node) {
  const int view = only_view(graph, users[static_cast<std::size_t>(node)], op_of<Transpose>);
  if (view < 0) return {};
  const Shape& shape = graph[node].type.shape;
  MemoryOrder order;
  for (const std::int64_t axis : graph[view].attributes.ints)
    order.axes.push_back(static_cast<int>(axis));
  std::vector<int> declared(order.axes.size());
  std::iota(declared.begin(), declared.end(), 0);
  // What lies in the lanes of the kernel that stores it stays there.
  if (innermost(shape, order.axes) != innermost(shape, declared)) return {};
  const int merged = only_view(graph, users[static_cast<std::size_t>(view)], op_of<Reshape>);
  if (merged < 0) return order;
  const Shape& seen = graph[merged].type.shape;
  std::int64_t elements = 1;
  for (int axes = 1; axes <= shape.size(); ++axes) {
    elements *= shape[order.axes[order.axes.size() - static_cast<std::size_t>(axes)]].size;
    if (elements == seen[seen.size() - 1].size) order.row = axes;
  }
  return order;
}

}  // namespace gradc::passes
