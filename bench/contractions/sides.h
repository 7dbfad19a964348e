// Who multiplies: the generated kernels, and libraries that are opened while the program runs, so
// that it builds without them.
//
// A library stays open until the program ends. Call these from one thread.
#pragma once

#include <string>

#include "problem.h"

namespace gradc::bench {

struct Side {
  std::string name;
  std::string version;
  void (*multiply)(const Problem& problem);
};

// So that libraries start no threads: for the environment and the core they see. Before any of them
// is opened.
void stay_on_one_core();

Side generated_side();
// `path` is of a shared object; its symbols may begin with `scipy_`, as in the builds for Python.
// Throw std::runtime_error if it cannot be opened or is something else.
Side open_openblas(const std::string& path);
Side open_onednn(const std::string& path);

// Of this process.
int running_threads();

}  // namespace gradc::bench
