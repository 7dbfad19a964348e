// The command `bench`.
#pragma once

#include <gradc/core/model.h>

#include <cstdint>

namespace gradc::app {

struct BenchOptions {
  std::int64_t batch = 0;  // 0: the largest
  int threads = 0;         // 0: what suits the model
  bool decode = false;     // one position, by the model's decoder
  bool json = false;
};

// Times a training step (or, of a model that does not train, the gradient or the outputs; or the
// last position that a decoder computes) on random inputs, as a whole and kernel by kernel.
int bench(const core::Model& model, const BenchOptions& options);

}  // namespace gradc::app
