#include "driver/installation.h"

#include <vector>

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

// The first of `candidates` below the prefix of this program. Its own path, links resolved, is
// <prefix>/bin/gradc; a program of the tests lies one folder deeper.
template <class Candidates>
fs::path find(const Candidates& candidates) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  fs::path prefix = self.parent_path();
  for (int level = 0; level < 2 && prefix.has_relative_path(); ++level) {
    prefix = prefix.parent_path();
    for (const fs::path& candidate : candidates(prefix))
      if (fs::exists(candidate, error)) return candidate;
  }
  return {};
}

}  // namespace

fs::path include_dir() {
  const fs::path header = find([](const fs::path& prefix) {
    return std::vector<fs::path>{prefix / "include" / "gradc" / "dsl.h"};
  });
  return header.empty() ? fs::path() : header.parent_path().parent_path();
}

fs::path app_library() {
  return find([](const fs::path& prefix) {
    std::vector<fs::path> candidates;
    for (const char* folder : {"lib", "lib64"}) {
      candidates.push_back(prefix / folder / "libgradc_app.a");
      std::error_code ignored;  // lib/x86_64-linux-gnu and its like
      for (const fs::directory_entry& entry : fs::directory_iterator(prefix / folder, ignored))
        if (entry.is_directory(ignored)) candidates.push_back(entry.path() / "libgradc_app.a");
    }
    return candidates;
  });
}

}  // namespace gradc::driver
