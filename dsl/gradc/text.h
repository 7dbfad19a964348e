// Text that can be built in constant evaluation by every supported compiler. (The std::string of
// libstdc++ 12 cannot be moved there by g++.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gradc {

// Moves n chars. Clang evaluates the builtin at once, but a loop char by char; GCC only the loop.
constexpr void copy_chars(const char* from, std::size_t n, char* to) {
#ifdef __clang__
  if (n > 0) __builtin_memcpy(to, from, n);
#else
  for (std::size_t i = 0; i < n; ++i) to[i] = from[i];
#endif
}

constexpr bool same_chars(std::string_view a, std::string_view b) {
#ifdef __clang__
  return a.size() == b.size() && __builtin_memcmp(a.data(), b.data(), a.size()) == 0;
#else
  return a == b;
#endif
}

class Text {
 public:
  constexpr Text() = default;
  constexpr Text(const char* chars) { append(chars, __builtin_strlen(chars)); }
  constexpr Text(std::string_view chars) { append(chars.data(), chars.size()); }
  Text(const std::string& chars) { append(chars.data(), chars.size()); }
  constexpr Text(const Text& other) { append(other.chars_, other.size_); }
  constexpr Text(Text&& other) noexcept : chars_(other.chars_), size_(other.size_) {
    other.chars_ = nullptr;
    other.size_ = 0;
  }
  constexpr Text& operator=(Text other) noexcept {
    char* const chars = chars_;
    chars_ = other.chars_;
    size_ = other.size_;
    other.chars_ = chars;
    return *this;
  }
  constexpr ~Text() { delete[] chars_; }

  constexpr operator std::string_view() const { return {chars_, size_}; }
  std::string str() const { return std::string(chars_, size_); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }

  constexpr Text& operator+=(std::string_view more) {
    append(more.data(), more.size());
    return *this;
  }
  friend constexpr Text operator+(Text a, const Text& b) { return a += b; }
  friend constexpr Text operator+(Text a, const char* b) { return a += b; }
  friend constexpr Text operator+(const char* a, const Text& b) { return Text(a) += b; }
  friend constexpr bool operator==(const Text& a, const Text& b) {
    return same_chars(a, std::string_view(b));
  }
  friend constexpr bool operator==(const Text& a, const char* b) {
    return same_chars(a, {b, __builtin_strlen(b)});
  }
  friend constexpr bool operator==(const Text& a, std::string_view b) { return same_chars(a, b); }

 private:
  constexpr void append(const char* more, std::size_t count) {
    if (count == 0) return;
    char* const longer = new char[size_ + count];
    copy_chars(chars_, size_, longer);
    copy_chars(more, count, longer + size_);
    delete[] chars_;
    chars_ = longer;
    size_ += count;
  }

  char* chars_ = nullptr;
  std::size_t size_ = 0;
};

constexpr Text to_text(std::int64_t number) {
  char digits[20] = {};
  int at = 20;
  const bool negative = number < 0;
  do {
    const int digit = static_cast<int>(number % 10);
    digits[--at] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
    number /= 10;
  } while (number != 0);
  if (negative) digits[--at] = '-';
  return std::string_view(digits + at, static_cast<std::size_t>(20 - at));
}

// Whether a tensor may be called so. Names become keys of files, comments and identifiers.
constexpr bool is_name(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~' || c == '"' || c == '\\') return false;
  return !text.empty();
}

}  // namespace gradc
