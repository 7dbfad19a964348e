#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/source.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace gradc::app {

// Written by the build from data/names.txt.
extern const char kNamesData[];
extern const std::size_t kNamesSize;

std::uint64_t Source::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Source built_in_names() { return {std::string(kBuiltInName), std::string(kNamesData, kNamesSize)}; }

Source read_source(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    throw DataError(fmt::format("{}: a data file is wanted, this is a folder", path));
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) throw DataError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  Source source{path, {}};
  char buffer[1 << 16];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get())) {
    source.bytes.append(buffer, n);
  }
  if (std::ferror(file.get())) {
    throw DataError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  if (source.bytes.empty()) throw DataError(fmt::format("{}: the file is empty", path));
  return source;
}

}  // namespace gradc::app
