// The tokens of a text, encoded once and kept in a file that vanishes with the program.
//
// A token takes one, two or four bytes, as few as the vocabulary allows. The file is mapped, so
// that more tokens can be drawn from than fit into memory.
#pragma once

#include <gradc/app/mapped_file.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gradc::app {

// Append, then finish, then read; reading is safe from any thread.
class TokenStore {
 public:
  // The file lies in `folder` or the nearest folder above it that is there, or, where nothing can
  // be written, in the system's folder for temporary files. Throws a DataError.
  TokenStore(std::int64_t vocabulary_size, const std::string& folder);
  ~TokenStore();
  TokenStore(const TokenStore&) = delete;
  TokenStore& operator=(const TokenStore&) = delete;

  // Throws a DataError when the disk is full.
  void append(std::span<const std::int32_t> tokens);
  void finish();

  std::int64_t size() const { return size_; }

  // Calls body with a pointer to the first token, in the type that they are kept in.
  template <class Body>
  void with_tokens(Body&& body) const {
    const std::byte* at = mapped_.bytes().data();
    if (width_ == 1) return body(reinterpret_cast<const std::uint8_t*>(at));
    if (width_ == 2) return body(reinterpret_cast<const std::uint16_t*>(at));
    body(reinterpret_cast<const std::int32_t*>(at));
  }

 private:
  void flush();
  [[noreturn]] void fail(int reason) const;

  std::string folder_;
  int file_ = -1;
  std::size_t width_;  // bytes a token
  std::int64_t size_ = 0;
  std::vector<std::byte> buffer_;  // not yet in the file
  MappedFile mapped_;
};

}  // namespace gradc::app
