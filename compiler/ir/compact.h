// compact: dead nodes removed, equal nodes merged.
//
//   before   %1 = exp %x   %2 = exp %x   %3 = neg %x   %4 = add %1 %2   output "y" %4
//   after    %1 = exp %x   %2 = add %1 %1   output "y" %2
//
// Exact: no bit changes. Nodes are live that an output, an update or the loss depends on, and every
// leaf, used or not: parameters are part of a model's interface even if nothing reads them. Leaves
// come first, in the order in which they were declared; the others keep theirs, and of equal nodes
// the first stays.
// Equal are nodes with the same op, operands, attributes and type; names of dimensions and
// locations do not count. `random` nodes of different streams differ in their attributes and so
// stay apart.
#pragma once

#include <gradc/dsl.h>

#include <vector>

namespace gradc::ir {

Graph compact(const Graph& graph);

// For each node whether an output, an update or the loss depends on it.
std::vector<bool> live_nodes(const Graph& graph);

}  // namespace gradc::ir
