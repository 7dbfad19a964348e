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

  // Runs an entry of one of its models on a team of the library's own. A Team may not be shared
  // with a library loaded by dlopen: libstdc++ counts the threads that wait in each of them apart,
  // and wakes nobody where it counts none.
  void run(const core::Entry& entry, std::byte* arena, std::int64_t batch, int members) const;

 private:
  std::string folder_;
  void* library_ = nullptr;
};

}  // namespace gradc::emit_test
