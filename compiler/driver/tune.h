// `gradc tune`: which tiles are the fastest on this machine, by measuring. None changes a bit of
// what is computed.
#pragma once

#include <gradc/build.h>

#include <string>
#include <vector>

#include "driver/compile.h"

namespace gradc::driver {

struct Tuned {
  emit::Tuning tuning;            // tiles that are faster than the cost model's, and stay so
  std::vector<std::string> keys;  // of all kernels that have tiles to choose from
  std::string table;              // what was measured
  std::string problem;            // why there is nothing
};

// Builds the program of all models with the tiles that the cost model prefers, then with the second
// best of each kernel, and so on, and lets each of them time its kernels on one thread, in turns,
// `rounds` times; then once more with what was gained. `settings` has one target, which this
// machine runs. Says on the standard error how far it is.
Tuned tune(const std::vector<Graph>& models, const Settings& settings, int rounds);

}  // namespace gradc::driver
