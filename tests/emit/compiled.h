// Compiled: emitted sources, compiled by a real compiler and loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gradc/core/model.h"
#include "ir/program.h"

namespace gradc::emit_test {

// Whether code of the compiler can be loaded into this test: under a sanitizer only that of Clang,
// of which the test is, for there is one runtime of a sanitizer in a process.
bool can_load(const std::string& compiler);

class Compiled {
 public:
  // Emits the modules, compiles the source as a library in a fresh folder and loads it. A compiler
  // that says anything at all fails the test that asked.
  Compiled(std::span<const ir::Module> modules, const std::string& compiler,
           const std::vector<std::string>& flags);
  ~Compiled();
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  // That of the module with the same index; null if nothing was compiled.
  const core::Model* model(std::size_t index) const;

 private:
  std::string folder_;
  void* library_ = nullptr;
};

}  // namespace gradc::emit_test
