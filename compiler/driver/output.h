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

// Removes the files of kernels that an earlier run has written to the folder for the same model
// file, and that are not among `files`: after more parts, or for other targets. A build that takes
// all sources of the folder would link them. They are known by the lines that gradc begins a file
// of this name with; any other file stays. Returns what went wrong, or nothing.
std::string remove_old_kernels(const std::vector<File>& files, const Settings& settings,
                               const std::filesystem::path& folder);

// What would keep write_files from writing a file there, or nothing: for work that takes long
// before there is something to write. Leaves nothing behind.
std::string why_not_writable(const std::filesystem::path& path);

}  // namespace gradc::driver
