#include <fcntl.h>
#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/mapped_file.h>
#include <gradc/app/source.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace gradc::app {

// Written by the build from data/names.txt.
extern const char kNamesData[];
extern const std::size_t kNamesSize;

namespace {

[[noreturn]] void fail(const std::string& path, int reason) {
  throw DataError(fmt::format("{}: cannot be read: {}", path, std::strerror(reason)));
}

Source map_source(const std::string& path, int file, std::size_t size) {
  const auto mapped = std::make_shared<MappedFile>(file, size);
  const auto bytes = mapped->bytes();
  return {path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, mapped};
}

Source read_stream(const std::string& path, int file) {
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(file, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, errno);
    if (n == 0) return {path, std::move(bytes)};
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

Source::Source(std::string name, std::string text) : name(std::move(name)) {
  const auto kept = std::make_shared<const std::string>(std::move(text));
  bytes = *kept;
  owner = kept;
}

std::uint64_t Source::hash() const {
  Fingerprint fingerprint;
  fingerprint.add(bytes);
  return fingerprint.value();
}

Source built_in_names() { return {std::string(kBuiltInNames), {kNamesData, kNamesSize}, nullptr}; }

Source read_source(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path, errno);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&file,
                                                                [](const int* f) { ::close(*f); });
  struct stat status{};
  if (::fstat(file, &status) != 0) fail(path, errno);
  if (S_ISDIR(status.st_mode)) {
    throw DataError(fmt::format("{}: a data file is wanted, this is a folder", path));
  }
  // Which may have no end. A pipe is fine: data may come from another program.
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    throw DataError(fmt::format("{}: a data file is wanted, this is a device", path));
  }
  try {
    Source source = S_ISREG(status.st_mode)
                        ? map_source(path, file, static_cast<std::size_t>(status.st_size))
                        : read_stream(path, file);
    if (source.bytes.empty()) throw DataError(fmt::format("{}: the file is empty", path));
    return source;
  } catch (const std::system_error& error) {
    fail(path, error.code().value());
  }
}

}  // namespace gradc::app
