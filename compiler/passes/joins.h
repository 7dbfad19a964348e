// joins: sums of padded tensors that lie side by side, each place in one of them.
//
//   qkv = pad(q, after 2 n) + pad(k, before n, after n) + pad(v, before 2 n)     [b, t, 3 n]
//
// Such a sum is its parts one behind the other: a kernel stores each where it belongs instead of
// adding zeros. It is what concat says, and the gradient of a tensor that was cut into slices.
#pragma once

#include <gradc/graph.h>

#include <map>
#include <set>
#include <vector>

namespace gradc::passes {

struct Join {
  struct Part {
    int node;             // what the pad surrounds
    std::int64_t offset;  // its first place along the axis
  };
  int axis = -1;
  std::vector<Part> parts;  // in the order of their places
};

struct Joins {
  std::map<int, Join> at;  // by the node of the whole sum
  std::set<int> within;    // pads and sums that nothing else needs
};

Joins find_joins(const Graph& graph);

}  // namespace gradc::passes
