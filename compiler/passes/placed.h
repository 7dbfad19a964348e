// placed: updates of a state that an input restricts, to one place of an axis or to one of its
// values.
//
//   update cache = where(iota along t == position, row, cache)      cache [b, t, c], row [b, 1, c]
//   update memory = where(position == 0, value, memory)
//
// Of the first kind only the row is stored; of the second, all is stored or nothing. Whoever reads
// the new state finds the rest where it was.
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

// Whether a node is an update that takes place where `place`, a leaf, is 0, and nothing else.
bool first_update(const Graph& graph, int node, int place);

}  // namespace gradc::passes
