// One block of zeroed memory that holds everything a model needs.
//
// The Arena owns its block from construction to destruction and never grows, so a step allocates
// nothing. It may be moved, not copied. The block starts on a multiple of 64 bytes; from 2 MiB on,
// on a multiple of 2 MiB, and the system is asked for huge pages. Construction throws
// std::bad_alloc if there is no memory.
//
// The Arena itself takes no part in synchronisation: distinct threads may use distinct bytes.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace gradc::core {

class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;

  Arena() = default;
  explicit Arena(std::size_t bytes) : size_(bytes) {
    if (bytes == 0) return;
    const std::size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
    if (data_ == nullptr) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    // Advice only: without huge pages the block works as well, with more misses of the TLB.
    if (alignment == kHugePage) madvise(data_, rounded, MADV_HUGEPAGE);
#endif
    std::memset(data_, 0, rounded);
  }
  Arena(Arena&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Arena& operator=(Arena&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Arena() { std::free(data_); }

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

  // `count` elements of type T, `offset` bytes from the start. The offset must suit T.
  template <class T>
  std::span<T> at(std::size_t offset, std::size_t count) {
    return {reinterpret_cast<T*>(data_ + offset), count};
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gradc::core
