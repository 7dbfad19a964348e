// memory_order: in which order the axes of a temporary lie in memory.
//
//   %70 = contract ...                   : [batch, head, time, d]
//   %71 = transpose %70 [0, 2, 1, 3]     : [batch, time, head, d]
//   %72 = reshape %71                    : [batch, time, head * d]
//
// Nobody looks at %70 but in the order of %71, so it lies like that, with rows of head * d: heads
// are neither split nor merged by a copy, and a row of small heads fills whole vectors.
#pragma once

#include <gradc/dsl.h>

#include <vector>

namespace gradc::passes {

struct MemoryOrder {
  std::vector<int> axes;  // outermost first; empty: as the shape says
  int row = 1;  // how many of the last axes make up a row, which is padded as one; 0: none
};

// For each node those that read it.
std::vector<std::vector<int>> users_of(const Graph& graph);

// That of a node whose elements are stored by themselves.
MemoryOrder memory_order(const Graph& graph, const std::vector<std::vector<int>>& users, int node);

}  // namespace gradc::passes
