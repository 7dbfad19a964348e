// placed: updates of a state that change one place of an axis, which an input says.
//
//   update cache = where(iota along t == position, row, cache)      cache [b, t, c], row [b, 1, c]
//
// Only the row is stored; whoever reads the new state finds the rest where it was.
#pragma once

#include <gradc/graph.h>

#include <optional>

namespace gradc::passes {

struct Placed {
  int axis = -1;   // of the state
  int place = -1;  // the node that says where, an i32 input of one element
};

// What a node does if it is such an update and nothing else.
std::optional<Placed> placed_update(const Graph& graph, int node);

}  // namespace gradc::passes
