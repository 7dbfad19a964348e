// From declared graphs to text: the stages of the compiler, by name.
#pragma once

#include <gradc/build.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "emit/emit.h"
#include "support/diagnostic.h"

namespace gradc::driver {

struct Settings {
  std::string stem;        // "nplm": of the names of the files
  std::string model_file;  // "nplm.cpp": what comments call the declaration
  // One of native, x86-64-v3, x86-64-v4 and generic; or several of the last three, each in a file
  // of its own, best first.
  std::vector<std::string> targets;
  // How many files the kernels of a target are in; in fewer if there is little of them, if `fewer`.
  int parts = 1;
  bool fewer = false;
  // Bytes that training may take.
  std::int64_t max_memory = std::numeric_limits<std::int64_t>::max();
  // Tiles that were measured to be the fastest.
  emit::Tuning tuning;
};

struct Generated {
  std::string header, source, main;
  std::vector<emit::KernelsFile> kernels;  // none: the source has them
  support::Diagnostics refusals;           // if they failed, there is no text

  // The kernels, then what calls them.
  std::string cpp() const;
};

// All models of one file as C++.
Generated generate(const std::vector<Graph>& models, const Settings& settings);

// What follows the stem of a file of kernels.
std::string suffix_of(const emit::KernelsFile& file);

// The machine that a target's kernels are for; of native, this one.
emit::Target target_of(const std::string& name);

// What --emit takes, in the order of the data's way.
const std::vector<std::string>& stage_names();

// One stage as text; `stage` is one of stage_names().
std::string emit_stage(const std::vector<Graph>& models, const std::string& stage,
                       const Settings& settings);

}  // namespace gradc::driver
