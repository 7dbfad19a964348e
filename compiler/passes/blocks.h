// blocks: sums over everything, block by block.
//
//   before   sum(x[100000])
//   after    sum(sum(reshape(x)[25, 4000] over [1]))
//
// The blocks are rows: threads share them, and maps over the same places go through them with the
// sum (roots.h). Which sum is taken depends on the shape alone, so that every number of threads
// adds in the same order.
#pragma once

#include <gradc/graph.h>

#include <cstdint>
#include <set>

namespace gradc::passes {

// How many places of an axis are a block: whole vectors of any target, of which the axis has
// several. 0: the axis stays whole.
std::int64_t block_of(const Dim& dim);

Graph sum_in_blocks(const Graph& graph);

// How long the axes are along which such a graph sums in blocks.
std::set<std::int64_t> extents_in_blocks(const Graph& graph);

}  // namespace gradc::passes
