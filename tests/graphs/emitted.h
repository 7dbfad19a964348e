// Graphs through the whole compiler: emitted, compiled by both compilers, run as a program would
// run them by several members, against the interpreter in double.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "emit/compiled.h"
#include "passes/entries.h"
#include "passes/lower.h"

namespace gradc::graphs {

using emit_test::Compiled;

// By which the graphs are compiled: those whose code can be loaded.
std::vector<std::string> compilers();

// A graph and what is emitted for it.
struct Subject {
  explicit Subject(const Graph& declared)
      : entries(passes::derive_entries(declared)), module(passes::build_module(declared)) {
    // What is left out goes the same way as evaluation and gradients do, and costs as much again to
    // compile.
    module.predict = {};
    module.loss_only = {};
    module.reference.clear();
  }
  bool empty() const {
    return passes::is_empty(entries.train) && passes::is_empty(entries.evaluate) &&
           passes::is_empty(entries.gradient);
  }

  passes::Entries entries;
  ir::Module module;
};

// The same models from each of the compilers.
class Models {
 public:
  explicit Models(const std::vector<Subject>& subjects) {
    std::vector<ir::Module> modules;
    for (const Subject& subject : subjects) modules.push_back(subject.module);
    for (const std::string& compiler : compilers())
      compiled_.push_back(std::make_unique<Compiled>(
          modules, compiler, std::vector<std::string>{"-O2", "-march=native"}));
  }
  std::vector<const core::Model*> of(std::size_t index) const {
    std::vector<const core::Model*> models;
    for (const auto& compiled : compiled_) models.push_back(compiled->model(index));
    return models;
  }

 private:
  std::vector<std::unique_ptr<Compiled>> compiled_;
};

// What is wrong with the models that the compilers made of `subject`, at two extents of the batch,
// in any entry; nothing if all is well.
std::string check(const Subject& subject, const std::vector<const core::Model*>& models,
                  std::uint64_t seed);

// Fails for each of the graphs of which a compiler has made something else, and says which it is.
void expect_equal(const std::vector<Graph>& graphs);
// The same for their decoders, which compute the output "logits" position by position, against what
// prediction gives for all positions at once.
void expect_equal_decoders(const std::vector<Graph>& graphs);

}  // namespace gradc::graphs
