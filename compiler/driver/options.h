// The command line of gradc.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "frontend/read_models.h"

namespace gradc::driver {

struct Options {
  enum class Command { kGenerate, kRun, kTune };
  Command command = Command::kGenerate;
  frontend::Request request;                      // what to read, and how
  std::string out = ".";                          // the folder to write to; of tune, the file
  std::string emit;                               // a stage to print; empty: write files
  std::string model;                              // the one model wanted; empty: all of the file
  std::vector<std::string> targets = {"native"};  // for the host compiler; several: best first
  Precision precision = Precision::kFull;
  int parts = 0;  // of the kernels of a target; 0: not said
  std::int64_t max_memory = std::numeric_limits<std::int64_t>::max();  // bytes to train
  std::string depfile;                                                 // empty: none
  std::string tuning;                  // a file that tune has written; empty: none
  int rounds = 3;                      // of measuring, of tune
  std::vector<std::string> arguments;  // of the program that `gradc run` runs
};

// Nothing if there is no more to do: help or a mistake has been printed, and `status` is the exit
// status, 2 for wrong usage.
std::optional<Options> parse_options(int argc, const char* const* argv, int& status);

}  // namespace gradc::driver
