// sections: what is emitted of a model, with its kernels as functions and calls of them.
//
// A model has up to three sections, each a module: its f64 twin, against which gradients are
// checked, its decoder, and the model itself.
#pragma once

#include <emit/emit.h>
#include <ir/program.h>

#include <span>
#include <string>
#include <vector>

#include "emit/kernel.h"

namespace gradc::emit {

// An entry of core's Model.
struct Entry {
  std::string name;  // "train"
  const ir::Program* program = nullptr;
  std::vector<Call> calls;
};

struct Section {
  const ir::Module* module = nullptr;
  std::string space;    // the namespace that its entries are in; empty: that of the model
  std::string kernels;  // the namespace of its functions
  std::vector<Function> functions;
  std::vector<Entry> entries;
};

struct Sections {
  const ir::Module* model = nullptr;
  std::vector<Section> sections;  // the model itself comes last
};

// For each model, in the order in which sources have them. The modules must outlive it.
std::vector<Sections> write_sections(std::span<const ir::Module> modules, const Options& options);

}  // namespace gradc::emit
