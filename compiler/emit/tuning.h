// tuning: tiles that were measured to be faster than those of the least cycles (tiles.h).
#pragma once

#include <ir/program.h>

#include <optional>
#include <string>
#include <vector>

#include "emit/emit.h"
#include "emit/facts.h"

namespace gradc::emit {

// What decides which tiles a contraction can have, and how fast each of them is: the registers,
// what its kernel does, and the extents of a tile's rows and columns, of the sum, of what is around
// them.
//
//   "avx512 contract_tanh f32 [batch 32 x 200] over 30 for each of 4"
std::string tuning_key(const Facts& facts, const std::string& kernel_name, Target target);

// What `tuning` says of that contraction. Nothing for one that runs within a stream: its time is
// not known by itself.
std::optional<TileShape> tuned_tile(const Facts& facts, const std::string& kernel_name,
                                    Target target, const Tuning& tuning);

// A kernel of a program that has tiles to choose from.
struct Tunable {
  std::size_t unit = 0;  // of ir::units_of
  std::string key;
  std::vector<TileShape> shapes;  // by the cost model, best first
};
std::vector<Tunable> tunables(const ir::Program& program, Target target);

}  // namespace gradc::emit
