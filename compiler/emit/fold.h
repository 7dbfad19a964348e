// Fold: one reduction of a stage in the making.
//
// Without loops the blocks are combined where they stand: sum(z_0 + keep_first(z_1, 11)). With
// loops there is an accumulator for each block, in each of the ways in which the loop goes on, so
// that additions do not wait for each other; in the end they are combined in order, then their
// lanes in the tree of core's `sum`.
#pragma once

#include <string>
#include <vector>

#include "emit/body.h"

namespace gradc::emit {

// Whether it sums products that nobody else reads: each goes into an accumulator in one rounding.
bool adds_products(const Facts& facts, const ir::Reduction& reduction);

class Fold {
 public:
  // `vectors`: its accumulators are vectors; `across`: their lanes are folded too. The loops may
  // go on in several ways, each with accumulators of its own.
  Fold(Body& body, const ir::Reduction& reduction, bool vectors, bool across, int accumulators,
       int ways = 1)
      : body_(body),
        reduction_(reduction),
        vectors_(vectors),
        across_(across),
        count_(accumulators),
        ways_(ways) {}

  // Declares the accumulators, before the loops.
  void begin();
  // Inside all loops. `masked_later`: dead lanes stay apart, so that they can be cut off at the
  // end.
  void step(bool loops, bool masked_later, int way = 0);
  // Binds the result, after the loops.
  void finish();

  // All parts as one vector, without the lanes that do not exist; before the end.
  std::string all() const;
  // What suits the result.
  std::string name() const;

 private:
  std::string combined(const std::string& a, const std::string& b) const;
  std::string kept(const std::string& value, const std::string& lanes) const;
  std::string identity() const;

  Body& body_;
  const ir::Reduction& reduction_;
  bool vectors_, across_;
  int count_, ways_;
  std::vector<std::string> parts_;  // the accumulators, or without loops the blocks
  std::string valid_;               // lanes of the last part, if they are cut off at the end
};

}  // namespace gradc::emit
