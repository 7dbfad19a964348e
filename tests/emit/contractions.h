// Programs of contractions, by shape.
#pragma once

#include <string>

#include "ir/program.h"

namespace gradc::emit_test {

struct Extents {
  std::int64_t m, k, n;
};

// Every kind of contraction and epilogue over these extents: static and batched rows, lanes and
// sums; bias and tanh in place and into other rows; updates in place; transposed left operands;
// batches of matrices; axes that merge and axes that do not.
ir::Module contraction_module(const std::string& name, Element real, const Extents& extents,
                              std::int64_t max_batch);

}  // namespace gradc::emit_test
