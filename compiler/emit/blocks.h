// blocks: a map-reduce kernel of short rows, as many rows at a time as a vector has lanes.
//
//   for (; i + 16 <= rows.end; i += 16) {
//     alignas(64) float partial[256];
//     for (std::int64_t q = 0; q < 16; ++q) {   row by row, lanes along what is folded
//       ...
//       store(partial + q * 16, z * z);
//     }
//     const f32x16 sum_z = sums<f32x16>(partial);   lane q is the sum of row q
//     const f32x16 div_i = splat<f32x16>(1.0f) / sqrt(sum_z);   lanes along the rows
//     ...
//     for (std::int64_t q = 0; q < 16; ++q) ... splat<f32x16>(div_rows[q]) ...
//   }
//
// Sixteen folds together cost half of what they cost one by one, and what a row knows once, a root
// or a logarithm, one operation instead of sixteen. Every number is worked out as row by row
// (nest.h), which is how rows go that are too few for a block.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "emit/body.h"
#include "emit/fold.h"

namespace gradc::emit {

class Blocks {
 public:
  // Both must outlive this.
  Blocks(const ir::Program& program, const ir::Kernel& kernel);

  // Whether a kernel can go in blocks, and its rows suffice for one.
  static bool suit(const Facts& facts);

  // The whole kernel, as the inside of a function.
  std::string emit();

 private:
  // What the loop over the rows of a block needs in one stage.
  struct Needs {
    std::set<int> numbers;  // values of a row that stand on folds: lanes along the rows so far
    std::set<int> vectors;  // values that an earlier stage has kept
  };

  void analyse();
  bool worth_keeping(int value) const;
  void outer_rows(Body& body, std::size_t from);
  void all_blocks(Body& body, bool shared);
  void block(Body& body);
  // The rows of a block, one after another, up to the folds of stage `index`.
  void row_by_row(Body& body, std::size_t index);
  std::string array(Body& body, const std::string& wanted, int elements) const;

  ir::Kernel along_, inside_;  // lanes along the rows; lanes inside a row, whose place is given
  Facts along_facts_, inside_facts_;
  int row_;                          // the axis that is cut into blocks
  std::vector<bool> folded_;         // values that stand on a fold
  std::vector<Needs> needs_;         // of each stage
  std::vector<std::set<int>> kept_;  // by each stage, for later ones
  std::map<int, std::string> arrays_;
};

}  // namespace gradc::emit
