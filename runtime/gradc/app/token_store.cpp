#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/token_store.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gradc::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = 1 << 20;

// The folder itself, or the nearest above it that is there.
fs::path existing_folder(fs::path folder) {
  std::error_code ignored;
  while (!folder.empty() && !fs::is_directory(folder, ignored)) folder = folder.parent_path();
  return folder.empty() ? "." : folder;
}

// A new file that has no name any more, or -1.
int open_nameless(const fs::path& folder) {
  std::string pattern = (folder / ".tokens.XXXXXX").string();
  const int file = ::mkstemp(pattern.data());
  if (file >= 0) ::unlink(pattern.c_str());
  return file;
}

}  // namespace

TokenStore::TokenStore(std::int64_t vocabulary_size, const std::string& folder)
    : folder_(existing_folder(folder).string()),
      file_(open_nameless(folder_)),
      width_(vocabulary_size <= 1 << 8    ? 1
             : vocabulary_size <= 1 << 16 ? 2
                                          : 4) {
  if (file_ < 0) {
    folder_ = fs::temp_directory_path().string();
    file_ = open_nameless(folder_);
  }
  if (file_ < 0) fail(errno);
  buffer_.reserve(kBufferBytes);
}

TokenStore::~TokenStore() {
  if (file_ >= 0) ::close(file_);
}

void TokenStore::append(std::span<const std::int32_t> tokens) {
  for (const std::int32_t token : tokens) {
    if (buffer_.size() + width_ > kBufferBytes) flush();
    std::byte bytes[sizeof token];
    if (width_ == 1) {
      bytes[0] = static_cast<std::byte>(token);
    } else if (width_ == 2) {
      const auto narrow = static_cast<std::uint16_t>(token);
      std::memcpy(bytes, &narrow, sizeof narrow);
    } else {
      std::memcpy(bytes, &token, sizeof token);
    }
    buffer_.insert(buffer_.end(), bytes, bytes + width_);
  }
  size_ += static_cast<std::int64_t>(tokens.size());
}

void TokenStore::flush() {
  for (std::span<const std::byte> rest = buffer_; !rest.empty();) {
    const ssize_t n = ::write(file_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno);
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

void TokenStore::finish() {
  flush();
  try {
    mapped_ = MappedFile(file_, static_cast<std::size_t>(size_) * width_);
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
  ::close(std::exchange(file_, -1));
}

void TokenStore::fail(int reason) const {
  throw DataError(
      fmt::format("{}: no room for the tokens of the data: {}", folder_, std::strerror(reason)));
}

}  // namespace gradc::app
