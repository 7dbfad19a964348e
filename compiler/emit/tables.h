// tables: what a model says about itself, as the constants of core/model.h.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>
#include <utility>
#include <vector>

namespace gradc::emit {

// The programs of a module by the names of Model's entries, without those that there are not.
std::vector<std::pair<std::string, const ir::Program*>> entries_of(const ir::Module& module);

// One tensor of Model::tensors.
struct Tensor {
  enum class Role { kParameter, kState, kInput, kSetting, kOutput, kGradient };
  Role role;
  std::string name;
  const ir::Buffer* buffer;
  const gradc::Leaf* leaf;  // null for outputs and gradients
  std::string source;       // "nplm.cpp:13"
};

// In the order of Model::tensors: by role, then by declaration.
std::vector<Tensor> tensors_of(const ir::Module& module);

// The index of the minimised scalar among them, or -1.
int loss_of(const ir::Module& module, const std::vector<Tensor>& tensors);

// Tensors as an array, and `variable` of type Model at the end of the code.
std::string emit_tables(const ir::Module& module, const Options& options,
                        const std::string& decoder, const std::string& reference);

// A double in C++ that reads back to the same bits: "0.02", or a whole number as "3".
std::string number(double value);

// "\"names.txt\"": a string literal.
std::string quoted(const std::string& text);

}  // namespace gradc::emit
