// tiles: how the result of a contraction is cut into tiles that fit the registers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emit/emit.h"
#include "emit/facts.h"

namespace gradc::emit {

// An extent in near-equal pieces: the first `large` of `size`, the others of `size - 1`. A batched
// extent is cut into pieces of `size`, and what is left into pieces of `rest` sizes, largest first.
struct Split {
  std::int64_t extent = 1;  // the largest
  bool batched = false;
  int size = 1;
  std::int64_t pieces = 1;
  std::int64_t large = 1;
  std::vector<int> rest;

  bool uniform() const { return batched ? rest.empty() : large == pieces; }
  // All sizes that occur, largest first.
  std::vector<int> sizes() const;
};

struct TilePlan {
  std::vector<int> outer;  // axes around the grid of tiles, outermost first
  int m = -1;              // the axis of a tile's rows; -1: one row
  int n = -1;              // the axis in the lanes
  Split rows;              // of m, in rows
  Split panels;            // of n, in vectors
  // Whether tiles that share rows of the left operand follow each other; else those that share
  // columns of the right one.
  bool by_rows = false;
  // Steps of the outermost axis of k after which the next tile takes its turn, so that what tiles
  // share stays in the cache, or that rows of the right operand are read from end to end; 0: all of
  // them. Sums wait where the store `partial` puts them, or, if that is -1, in an array.
  std::int64_t steps = 0;
  int partial = -1;
  // How many steps of the innermost axis of k ahead the left operand is asked for, where each step
  // reads a line of its own, which the machine does not foresee; 0: not at all.
  int ahead = 0;
  // Values that the end of a tile loads at each place, from tensors that no near cache holds: they
  // are asked for before the sums are made.
  std::vector<int> asked;
  bool tuned = false;  // measured, rather than chosen by the cost model

  // How many tiles there are, at the largest batch, and how many sums are in one.
  std::int64_t tiles(const Facts& facts) const;
  std::int64_t sums(const Facts& facts) const;
};

// The axes alone.
TilePlan tile_axes(const Facts& facts);
// The tiles that fit the registers, the one of the least cycles first; no two of them cut the
// result alike.
std::vector<TileShape> tile_shapes(const Facts& facts, Target target);
// With the tile that was measured to be the best, if it is one of those, else the first of them.
TilePlan plan_tiles(const Facts& facts, Target target, const std::optional<TileShape>& tuned = {});

}  // namespace gradc::emit
