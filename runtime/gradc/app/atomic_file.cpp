#include <fcntl.h>
#include <fmt/core.h>
#include <gradc/app/atomic_file.h>
#include <gradc/app/errors.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace gradc::app {

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const std::filesystem::path whole(path);
  folder_ = whole.has_parent_path() ? whole.parent_path().string() : ".";
  written_ = folder_ + "/." + whole.filename().string() + ".new";
  file_ = ::open(written_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file_ < 0) {
    const int reason = errno;
    written_.clear();  // not ours to remove
    errno = reason;
    fail("cannot be written");
  }
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!written_.empty()) ::unlink(written_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::commit() {
  if (::fsync(file_) != 0) fail("cannot be written");
  if (::close(std::exchange(file_, -1)) != 0) fail("cannot be written");
  if (::rename(written_.c_str(), path_.c_str()) != 0) fail("cannot be replaced");
  written_.clear();
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) fail("is in place, but its folder cannot be synced");
  // Some file systems cannot sync a folder (EINVAL) and need not.
  const bool synced = ::fsync(folder) == 0 || errno == EINVAL;
  const int reason = errno;
  ::close(folder);
  errno = reason;
  if (!synced) fail("is in place, but its folder cannot be synced");
}

void AtomicFile::fail(const char* what) const {
  throw DataError(fmt::format("{}: {}: {}", path_, what, std::strerror(errno)));
}

}  // namespace gradc::app
