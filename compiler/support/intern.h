// intern: a name that lives as long as the program.
#pragma once

#include <string_view>

namespace gradc::support {

// The same pointer for equal names. Names of dimensions and options are held this way, so that a
// Dim stays a plain value. Thread-safe.
const char* intern(std::string_view name);

}  // namespace gradc::support
