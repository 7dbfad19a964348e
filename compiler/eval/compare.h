// Whether two graphs compute the same: for the tests of passes.
#pragma once

#include <eval/interpret.h>

#include <string>

namespace gradc::eval {

enum class Sameness {
  kBitwise,  // the same doubles; any NaN equals any other
  kClose,    // to 1e-12 of the largest magnitude in the tensor
};

// Interprets both graphs on the leaves of `before` and compares every output by name, every update
// by its leaf, and the loss. What differs, as lines of text; empty: nothing. `after` may have more
// outputs. Neither may hold gradients.
std::string difference(const Graph& before, const Graph& after, const Bindings& bindings,
                       Sameness sameness);

}  // namespace gradc::eval
