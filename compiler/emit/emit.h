// emit: programs as the C++ that a person would write by hand, and be proud of.
//
//   nplm.gen.h      the API: a struct with a constant for every static fact, accessors, train_step
//   nplm.gen.cpp    kernels, entries and tables
//   nplm.main.cpp   a program that trains, evaluates and samples the models of the file
//
// The text depends on nothing but the arguments: no dates, no paths. Programs are planned before
// they are emitted (passes/plan_memory.h): every buffer has an offset.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <span>
#include <string>

namespace gradc::emit {

// The machine that tiles are cut for. What is written runs on any machine, with the same bits.
enum class Target { kAvx512, kAvx2, kSse2 };

struct Options {
  std::string stem;        // "nplm": of the files' names
  std::string model_file;  // "nplm.cpp": the model file's name without folders
  Target target = Target::kAvx512;
};

struct Sources {
  std::string header, source, main;
};

// All models of one file.
Sources emit(std::span<const ir::Module> modules, const Options& options);

}  // namespace gradc::emit
