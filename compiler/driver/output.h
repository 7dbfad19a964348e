// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "driver/compile.h"

namespace gradc::driver {

struct File {
  std::filesystem::path path;
  std::string text;
};

// Those of a generated model in a folder, the header first.
std::vector<File> files_of(const Generated& generated, const Settings& settings,
                           const std::filesystem::path& folder);

// Writes all files, or none: each goes to a temporary name beside its own, and only when all are on
// the disk are they renamed. Makes the folders that are missing. Returns what went wrong, or
// nothing.
std::string write_files(const std::vector<File>& files);

}  // namespace gradc::driver
