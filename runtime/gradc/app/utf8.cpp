#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/utf8.h>

#include <algorithm>

namespace gradc::app {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;

std::int64_t line_at(std::string_view text, std::size_t offset) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < static_cast<std::size_t>(length)) return {};
  char32_t value = first & (0x7Fu >> length);
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[length] || value > kLastCodePoint || surrogate) return {};
  return {value, length};
}

void append_utf8(char32_t value, std::string& text) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (value < 0x80) return put(value);
  if (value < 0x800) {
    put(0xC0 | value >> 6);
  } else if (value < 0x10000) {
    put(0xE0 | value >> 12);
    put(0x80 | (value >> 6 & 0x3F));
  } else {
    put(0xF0 | value >> 18);
    put(0x80 | (value >> 12 & 0x3F));
    put(0x80 | (value >> 6 & 0x3F));
  }
  put(0x80 | (value & 0x3F));
}

std::string quoted(char32_t value) {
  // Control characters, and the invisible ones that hide in copied text.
  const bool invisible = value < 0x20 || (value >= 0x7F && value <= 0xA0) || value == 0xAD ||
                         (value >= 0x2000 && value <= 0x200F) ||
                         (value >= 0x2028 && value <= 0x202F) || value == 0xFEFF;
  if (invisible) return fmt::format("U+{:04X}", static_cast<std::uint32_t>(value));
  std::string text = "'";
  append_utf8(value, text);
  return text + "'";
}

std::string shortened(std::string_view text) {
  constexpr int kMost = 40;
  std::size_t end = 0;
  for (int i = 0; i < kMost && end < text.size(); ++i)
    end += static_cast<std::size_t>(std::max(1, decode_utf8(text.substr(end)).length));
  return std::string(text.substr(0, end)) + (end < text.size() ? "..." : "");
}

std::string printable(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = '?';
  return text;
}

void require_utf8_text(std::string_view text, const std::string& name) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0) {
      throw DataError(
          fmt::format("{}: a text file is wanted, this one is binary: NUL at byte {} "
                      "(line {})",
                      name, i, line_at(text, i)));
    }
    const int length = decode_utf8(text.substr(i)).length;
    if (length == 0) {
      throw DataError(fmt::format("{}: not UTF-8 at byte {} (line {}): 0x{:02x} cannot stand there",
                                  name, i, line_at(text, i), byte));
    }
    i += static_cast<std::size_t>(length);
  }
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  return text;
}

}  // namespace gradc::app
