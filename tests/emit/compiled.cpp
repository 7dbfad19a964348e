#include "emit/compiled.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "emit/emit.h"

namespace gradc::emit_test {
namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

const std::string kSanitize = GRADC_TEST_SANITIZE;

}  // namespace

bool can_load(const std::string& compiler) {
  return kSanitize.empty() || compiler.starts_with("clang");
}

Compiled::Compiled(std::span<const ir::Module> modules, const std::string& compiler,
                   const std::vector<std::string>& flags) {
  std::string folder = testing::TempDir() + "gradc-emit-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    ADD_FAILURE() << "no folder " << folder;
    return;
  }
  folder_ = folder;
  const emit::Sources sources = emit::emit(modules, {.stem = "sketch", .model_file = "sketch.cpp"});
  write(folder_ + "/sketch.gen.h", sources.header);
  write(folder_ + "/sketch.gen.cpp", sources.source);
  std::string door = "#include \"sketch.gen.h\"\n";
  for (std::size_t i = 0; i < modules.size(); ++i)
    door += "extern \"C\" const gradc::core::Model* model_" + std::to_string(i) + "() { return &" +
            modules[i].declared.name.str() + "::kModel; }\n";
  write(folder_ + "/door.cpp", door);
  std::string command = "cd '" + folder_ + "' && " + compiler +
                        " -std=c++20 -Wall -Wextra -Werror -ffp-contract=off -fPIC -shared";
  if (!kSanitize.empty()) command += " -fno-sanitize-recover=all -fsanitize=" + kSanitize;
  for (const std::string& flag : flags) command += " " + flag;
  command += " -I'" GRADC_RUNTIME_DIR "' sketch.gen.cpp door.cpp -o sketch.so > log.txt 2>&1";
  if (std::system(command.c_str()) != 0) {
    ADD_FAILURE() << command << "\n" << read(folder_ + "/log.txt");
    return;
  }
  library_ = dlopen((folder_ + "/sketch.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) ADD_FAILURE() << dlerror();
}

Compiled::~Compiled() {
  if (library_ != nullptr) dlclose(library_);
  if (!folder_.empty() && !testing::Test::HasFailure()) std::filesystem::remove_all(folder_);
}

const core::Model* Compiled::model(std::size_t index) const {
  if (library_ == nullptr) return nullptr;
  void* door = dlsym(library_, ("model_" + std::to_string(index)).c_str());
  if (door == nullptr) return nullptr;
  return reinterpret_cast<const core::Model* (*)()>(door)();
}

}  // namespace gradc::emit_test
