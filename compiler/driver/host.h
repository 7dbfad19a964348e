// `gradc run`: the generated files, compiled by the host's compiler, as a program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "driver/compile.h"

namespace gradc::driver {

struct Program {
  std::filesystem::path path;
  std::string problem;  // why there is none
};

// Compiles, or finds the same program compiled before. Programs lie in $XDG_CACHE_HOME/gradc, or
// ~/.cache/gradc, or a temporary folder, named after everything that went into them.
Program build_program(const Generated& generated, const Settings& settings);

// What the program writes to the standard output. Nothing if it cannot be run or fails; then it has
// said why on the standard error.
std::optional<std::string> output_of(const std::filesystem::path& program,
                                     const std::vector<std::string>& arguments);

// Becomes the program: its exit status is that of this process. Returns only on failure, with why.
std::string become(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace gradc::driver
