// Text that can be built in constant evaluation by every supported compiler. (The std::string of
// libstdc++ 12 cannot be moved there by g++.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradc {

class Text {
 public:
  constexpr Text() = default;
  constexpr Text(const char* chars) : Text(std::string_view(chars, __builtin_strlen(chars))) {}
  constexpr Text(std::string_view chars) {
    if (!chars.empty()) chars_.assign(chars.begin(), chars.end());
  }
  Text(const std::string& chars) : Text(std::string_view(chars)) {}

  constexpr operator std::string_view() const { return {chars_.data(), chars_.size()}; }
  std::string str() const { return std::string(std::string_view(*this)); }
  constexpr bool empty() const { return chars_.empty(); }
  constexpr std::size_t size() const { return chars_.size(); }

  constexpr Text& operator+=(std::string_view more) {
    chars_.insert(chars_.end(), more.begin(), more.end());
    return *this;
  }
  friend constexpr Text operator+(Text a, const Text& b) { return a += b; }
  friend constexpr Text operator+(Text a, const char* b) { return a += b; }
  friend constexpr Text operator+(const char* a, const Text& b) { return Text(a) += b; }
  friend constexpr bool operator==(const Text& a, const Text& b) {
    return same(a, std::string_view(b));
  }
  friend constexpr bool operator==(const Text& a, const char* b) {
    return same(a, {b, __builtin_strlen(b)});
  }
  friend constexpr bool operator==(const Text& a, std::string_view b) { return same(a, b); }

 private:
  // In constant evaluation the operator of std::string_view compares char by char, slowly.
  static constexpr bool same(std::string_view a, std::string_view b) {
#ifdef __clang__
    return a.size() == b.size() && __builtin_memcmp(a.data(), b.data(), a.size()) == 0;
#else
    return a == b;
#endif
  }

  std::vector<char> chars_;
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

}  // namespace gradc
