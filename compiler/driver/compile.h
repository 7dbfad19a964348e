// From declared graphs to text: the stages of the compiler, by name.
#pragma once

#include <gradc/build.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/diagnostic.h"

namespace gradc::driver {

struct Settings {
  std::string stem;        // "nplm": of the names of the files
  std::string model_file;  // "nplm.cpp": what comments call the declaration
  // One of native, x86-64-v3, x86-64-v4 and generic; or several of the last three, each in a file
  // of its own, best first.
  std::vector<std::string> targets;
  // Bytes that training may take.
  std::int64_t max_memory = std::numeric_limits<std::int64_t>::max();
};

struct Generated {
  std::string header, source, main;
  std::vector<std::string> kernels;  // for each target, if there are several
  support::Diagnostics refusals;     // if they failed, there is no text

  // The kernels, then what calls them.
  std::string cpp() const;
};

// All models of one file as C++.
Generated generate(const std::vector<Graph>& models, const Settings& settings);

// What follows the stem of the file with the kernels of one of several targets.
std::string kernels_suffix(const std::string& target);

// What --emit takes, in the order of the data's way.
const std::vector<std::string>& stage_names();

// One stage as text; `stage` is one of stage_names().
std::string emit_stage(const std::vector<Graph>& models, const std::string& stage,
                       const Settings& settings);

}  // namespace gradc::driver
