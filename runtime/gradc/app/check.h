// The command `check`: are the generated gradients those of the loss?
#pragma once

#include <gradc/core/model.h>

#include <cstdint>

namespace gradc::app {

struct CheckOptions {
  std::uint64_t seed = 1;
};

// The reference's gradient against central differences of its loss, relative to the largest
// gradient of the tensor; and the model's gradient against the reference's, as the norm of the
// difference over the norm.
inline constexpr double kDifferencesTolerance = 1e-6;
inline constexpr double kReferenceTolerance = 1e-4;

// Prints a table with a row a parameter. Returns 1 if a gradient is wrong.
int check(const core::Model& model, const CheckOptions& options);

}  // namespace gradc::app
