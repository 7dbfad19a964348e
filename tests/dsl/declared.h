// Facts about a declaration as constants: what a static_assert wants to see.
#pragma once

#include <gradc/dsl.h>

namespace gradc {

// The type of the tensor that `body` makes in an empty graph: "f32[batch=4, 3]".
template <class Body>
constexpr Text type_of(Body body) {
  Graph graph;
  const Tensor tensor = body(graph);
  return to_text(tensor.type());
}

// Whether `body` says so of an empty graph.
template <class Body>
constexpr bool holds(Body body) {
  Graph graph;
  return body(graph);
}

// The graph that a model declares.
template <class Model>
constexpr Graph declared(const Model& model) {
  Graph graph;
  model.declare(graph);
  return graph;
}

constexpr std::int64_t elements(const Graph& graph, Role role) {
  std::int64_t count = 0;
  for (const Leaf& leaf : graph.leaves)
    if (leaf.role == role) count += elements_of(graph[leaf.node].type.shape);
  return count;
}

// The names of all leaves of a role: "hidden/weight hidden/bias".
constexpr Text names(const Graph& graph, Role role) {
  Text text;
  for (const Leaf& leaf : graph.leaves) {
    if (leaf.role != role) continue;
    if (!text.empty()) text += " ";
    text += leaf.name;
  }
  return text;
}

}  // namespace gradc
