// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradc::app {

struct CodePoint {
  char32_t value = 0;
  int length = 0;  // in bytes; 0: the text does not start with a code point
};

CodePoint decode_utf8(std::string_view text);

// Appends `value`, which must be a code point, to `text`.
void append_utf8(char32_t value, std::string& text);

// How a message names a character: 'e', or U+0007 for one that would not show.
std::string quoted(char32_t value);

// The beginning of a text that may be long, for a message: at most 40 characters, then "...".
std::string shortened(std::string_view text);

// The text with a '?' for each control character but line feeds: a terminal obeys none of it.
std::string printable(std::string text);

// Throws a DataError that names the first NUL or malformed byte by offset and line.
void require_utf8_text(std::string_view text, const std::string& name);

// The text after a byte order mark, if there is one.
std::string_view without_byte_order_mark(std::string_view text);

}  // namespace gradc::app
