// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradc::driver {

struct File {
  std::filesystem::path path;
  std::string text;
};

// Writes all files, or none: each goes to a temporary name beside its own, and only when all are on
// the disk are they renamed. Makes the folders that are missing. Returns what went wrong, or
// nothing.
std::string write_files(const std::vector<File>& files);

}  // namespace gradc::driver
