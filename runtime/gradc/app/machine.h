// The machine as a benchmark's reader wants to know it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gradc::app {

struct Cache {
  std::string name;  // "L1d", "L2", "L3"
  std::int64_t bytes = 0;
};

struct Machine {
  std::string processor;  // "AMD EPYC 9R45", or "unknown"
  int cores = 0;          // that the system shows
  std::vector<Cache> caches;
  double load = -1;  // of the last minute; -1: unknown
};

Machine inspect_machine();

// What makes a measurement on it doubtful: other load, a changing clock, a debug build.
std::vector<std::string> measuring_warnings(const Machine& machine, int threads);

}  // namespace gradc::app
