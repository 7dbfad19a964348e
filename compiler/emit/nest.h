// nest: a map-reduce kernel as loops.
//
//   for (std::int64_t b = rows.begin; b < rows.end; ++b) {
//     const f32x16 z_0 = load<f32x16>(z + b * 32), z_1 = load<f32x16>(z + b * 32 + 16);
//     const float max_z = maximum(max(z_0, keep_first(z_1, 11, ...)));
//     ...
//   }
//
// A loop over the lane axis moves by whole vectors, or by a few at once. Short ones inside a row
// are unrolled, and their values stay in registers from stage to stage; in longer ones each stage
// works its values out again. A loop of little work that sums goes on in several ways at once. The
// order of additions depends on extents alone.
#pragma once

#include <functional>

#include "emit/body.h"

namespace gradc::emit {

// How a stage goes.
struct StagePlan {
  bool vectors = false;      // lanes lie inside the stage or along the rows
  bool lane_inside = false;  // lanes lie along an inner axis, so that folds are across them
  bool unrolled = false;     // and hold so little that no loop runs over them
  bool loops = false;
  int accumulators = 1;  // of each fold
  int ways = 1;          // in which the innermost loop goes on at once
};
// `blocks`: how many vectors the scope around the stage holds.
StagePlan plan_stage(const Facts& facts, const ir::Stage& stage, int blocks);

// How many vectors of rows go together where lanes lie along them: sums down the columns of a
// matrix wait for each other unless several columns do.
int row_group(const Facts& facts);

class Nest {
 public:
  using Inside = std::function<void()>;

  explicit Nest(Body& body) : body_(body), facts_(body.facts()) {}

  // The whole kernel: its rows, shared by the members, and in each the stages.
  void emit();
  // The stages of one row, in the current scope.
  void stages();

  // Parts of the whole: the loop over a row axis, `shared` by the members, and the stores of one
  // place.
  void row_loop(int axis, bool shared, const Inside& inside);
  void stores(const std::vector<ir::Store>& stores, bool vectors);

 private:
  void rows(std::size_t from);
  void stage(const ir::Stage& stage);
  void inner_loops(const ir::Stage& stage, std::size_t from, int ways,
                   const std::function<void(int)>& inside, int way = 0);
  void loop_in_ways(int axis, int ways, const std::function<void(int)>& inside);
  // The loop over the lane axis, `group` vectors at a time. `exact`: the lanes that do not exist in
  // the last vector matter.
  void lane_loop(bool shared, int group, bool exact, const Inside& inside);
  void batched_lanes(bool shared, bool exact, const Inside& inside);

  bool lane_is_row() const;
  bool needs_exact_lanes(const ir::Stage& stage, bool lane_inside) const;

  Body& body_;
  const Facts& facts_;
};

// Whether any two members have something to do: a kernel without rows, or with an order to keep, is
// the first member's alone.
bool is_shared(const ir::Kernel& kernel);
// The outermost row axis that can be divided at all; -1: none.
int shared_axis(const ir::Kernel& kernel);

}  // namespace gradc::emit
