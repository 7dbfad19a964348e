// The command `sample`: new items from a model of lines.
#pragma once

#include <gradc/core/model.h>

#include <cstdint>
#include <string>

namespace gradc::app {

struct SampleOptions {
  std::string folder;
  std::int64_t count = 20;
  double temperature = 1;  // 0: always the likeliest
  std::int64_t top_k = 0;  // draw among the k likeliest; 0: all
  std::uint64_t seed = 1;
  int threads = 0;
};

// Prints one item a line. Item i depends on the seed and i alone, not on how many are made.
int sample(const core::Model& model, const SampleOptions& options);

}  // namespace gradc::app
