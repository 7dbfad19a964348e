#include <gradc/app/unicode_class.h>

#include <algorithm>
#include <array>
#include <span>

namespace gradc::app {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;

UnicodeClass search(char32_t value) {
  const std::span starts(kUnicodeClassStarts, kUnicodeClassStartCount);
  const auto key = static_cast<std::uint32_t>(value) * 4 + 3;  // after every class of this point
  const auto after = std::upper_bound(starts.begin(), starts.end(), key);
  return static_cast<UnicodeClass>(*(after - 1) & 3);
}

std::array<UnicodeClass, 128> make_ascii() {
  std::array<UnicodeClass, 128> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = search(static_cast<char32_t>(i));
  return classes;
}

}  // namespace

UnicodeClass unicode_class(char32_t value) {
  static const std::array<UnicodeClass, 128> kAscii = make_ascii();
  if (value < kAscii.size()) return kAscii[value];
  return value <= kLastCodePoint ? search(value) : UnicodeClass::kOther;
}

}  // namespace gradc::app
