// Letters, numbers and white space, as the splitting of text into words knows them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradc::app {

enum class UnicodeClass : std::uint8_t { kOther, kLetter, kNumber, kSpace };

// The general categories L* and N*, the property White_Space, and the rest, in Unicode 16. A code
// point that is not assigned is kOther. Anything that is no code point gives kOther too.
UnicodeClass unicode_class(char32_t value);

// Where the class changes, in ascending order: 4 * code point + class (unicode_class_table.cpp).
extern const std::uint32_t kUnicodeClassStarts[];
extern const std::size_t kUnicodeClassStartCount;

}  // namespace gradc::app
