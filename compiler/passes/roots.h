// roots: which nodes of a graph are computed by a loop of their own, and what each of them reads.
//
//   logits, target -> max, exp(logits - max), sum, exp / sum - one_hot -> gradient
//   roots: max [b], sum [b], gradient [b, v]; exp(logits - max) is part of the expressions of both
//   that use it, or a root if it is expensive and they end in different kernels (fuse.h)
//
// Roots are what must lie in memory or in a row: outputs, updates, reductions, contractions and
// what they multiply, scatters, pads, and what chosen.h finds to cost less in memory.
#pragma once

#include <gradc/ops.h>

#include <set>

#include "passes/expression.h"
#include "passes/joins.h"
#include "passes/placed.h"

namespace gradc::passes {

struct Root {
  enum class Kind : std::uint8_t {
    kMap,
    kReduce,
    kContract,
    kScatter,
    kPad,
    kPlace,
    kFirst,
    kJoin
  };

  // Why a node is a root.
  enum class Reason : std::uint8_t {
    kRequired,
    kExpensive,  // several need it, and it is not worth computing twice
    kTraffic,    // several need it, and what it is made of is more to read than itself
    kOfRows,     // several need one number of it for a row, each of which would work it out alone
    kAhead,      // it waits for what it is multiplied by, in place of what it is made of
  };

  // A read of a materialised node.
  struct Read {
    int node;
    Index index;
    int row;  // not -1: some row of it
  };

  int node = -1;
  Kind kind = Kind::kMap;
  int copy_of = -1;     // only moves this root's value to its target
  Placed placed;        // kPlace
  Join join;            // kJoin; `operands` are the places within its parts
  bool linear = false;  // a reshape that runs over its operand and stores without padding, in order

  std::vector<ir::Axis> axes;   // loops: those of the result, then those that are folded
  int result_axes = 0;          // how many belong to the result
  Index result;                 // the node's axes in terms of loops
  std::vector<Index> operands;  // likewise for each operand of a reduce, contract, scatter or pad

  std::vector<Read> reads;
  bool transcendental = false;  // costs more than some tens of cycles for each element
  Reason reason = Reason::kRequired;

  std::vector<int> updates;  // leaves (by index) that take this value
  std::vector<int> outputs;  // indices into Graph::outputs
};

struct Roots {
  std::vector<Root> all;     // in topological order
  std::vector<int> of_node;  // -1: not a root

  bool materialised(const Graph& graph, int node) const {
    return graph[node].op == op_of<LeafOp> || of_node[node] >= 0;
  }
};

Root::Kind kind_of_root(Op op);

// Whether a value is rounded to an element that takes fewer bits, and so lies in memory as that.
bool is_stored_rounded(const Graph& graph, int node);

// `inlined`: nodes that are not to be roots for the sake of having several users.
// `present`: of a decoder, the node that says which position is computed; else -1.
Roots find_roots(const Graph& graph, int present, const std::set<int>& inlined);

}  // namespace gradc::passes
