// A file seen as bytes, without being read into memory: the system brings the parts that are used.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace gradc::app {

// Owns the mapping, not the descriptor. The file must not become shorter meanwhile.
class MappedFile {
 public:
  MappedFile() = default;

  // The first `size` bytes of an open file. Throws std::system_error.
  MappedFile(int file, std::size_t size);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace gradc::app
