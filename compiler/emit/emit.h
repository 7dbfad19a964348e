// emit: programs as the C++ that a person would write by hand, and be proud of.
//
//   nplm.gen.h      the API: a struct with a constant for every static fact, accessors, train_step
//   nplm.gen.cpp    kernels, entries and tables
//   nplm.main.cpp   a program that trains, evaluates and samples the models of the file
//
// Kernels may stand in files of their own: in several parts, nplm.kernels1.gen.cpp, ..., that
// compile side by side; or for several targets, such as nplm.x86-64-v3.gen.cpp, and nplm.gen.cpp
// calls those of the target that it picks when it runs; or both, as
// nplm.x86-64-v3.kernels1.gen.cpp.
//
// The text depends on nothing but the arguments: no dates, no paths. Programs are planned before
// they are emitted (passes/plan_memory.h): every buffer has an offset.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace gradc::emit {

// The machine that tiles are cut for. What is written runs on any machine, with the same bits.
enum class Target { kAvx512, kAvx2, kSse2 };

// One of several targets, by the name that core/targets.h picks it by.
struct NamedTarget {
  std::string name;  // "x86-64-v3"
  Target target;
};

// A tile of the result of a contraction: so many rows of so many vectors of 64 bytes.
struct TileShape {
  int rows = 1;
  int vectors = 1;
  friend bool operator==(const TileShape&, const TileShape&) = default;
};

// Tiles that were measured to be the fastest, by what they are for (tuning.h).
using Tuning = std::map<std::string, TileShape>;

struct Options {
  std::string stem;        // "nplm": of the files' names
  std::string model_file;  // "nplm.cpp": the model file's name without folders
  Target target = Target::kAvx512;
  // Several, best first; or none: the kernels are for `target` and stand in the source.
  std::vector<NamedTarget> targets;
  int parts = 1;       // how many files the kernels of a target are in;
  bool fewer = false;  // or fewer, if there is little of them
  // Kernels that it does not name get the tiles that the cost model prefers.
  Tuning tuning;
};

// A file of kernels.
struct KernelsFile {
  std::string name;    // "x86-64-v3.kernels1": between the stem and .gen.cpp
  std::string target;  // that it is compiled for, if there are several
  std::string text;
};

struct Sources {
  std::string header, source, main;
  std::vector<KernelsFile> kernels;  // none: the source has them
};

// All models of one file.
Sources emit(std::span<const ir::Module> modules, Options options);

}  // namespace gradc::emit
