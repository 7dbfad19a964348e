// read_models: the models that a file declares, as graphs.
//
// Clang parses the file and evaluates its constants; nothing of it is executed. That happens in a
// child process, so that a declaration without end, and a crash of Clang, cost an error message and
// nothing else: time and memory are bounded from outside, steps and depth by Clang itself.
#pragma once

#include <gradc/build.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagnostic.h"

namespace gradc::frontend {

// What reading a file may cost. The message of an exceeded bound names the bound.
struct Bounds {
  std::int64_t steps = 50'000'000;  // of constant evaluation, for each model
  int depth = 1'000;                // nested calls in constant evaluation
  double seconds = 120;             // in which it computes, or does nothing but wait
  std::int64_t megabytes = 4'096;
};

struct Request {
  std::string file;                   // as messages shall name it
  std::string include_dir;            // holds gradc/dsl.h
  std::vector<std::string> defines;   // "NAME=VALUE" or "NAME"
  std::vector<std::string> includes;  // folders
  std::vector<std::string> flags;     // further flags of the compile command, given by hand
  std::string build_dir;  // holds compile_commands.json; empty: looked for, from the file up
  bool color = false;     // in `screen`
  Bounds bounds;
};

struct Reading {
  std::vector<Graph> models;         // in the order of the file; empty if anything failed
  support::Diagnostics diagnostics;  // of gradc
  std::string screen;                // what Clang itself has to say of the file, ready to print
  bool failed = false;
  std::vector<std::string> files;  // all that were read, for a depfile
};

// The calling process should have no other thread: this forks.
Reading read_models(const Request& request);

}  // namespace gradc::frontend
