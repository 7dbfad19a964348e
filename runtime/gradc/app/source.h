// The bytes of a data set, with the name that messages call them by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradc::app {

struct Source {
  std::string name;  // the path as given, or "the built-in names"
  std::string bytes;

  // A fingerprint (FNV-1a), so that a run is not resumed on other data.
  std::uint64_t hash() const;
};

inline constexpr std::string_view kBuiltInName = "the built-in names";

Source built_in_names();

// Throws a DataError when the file is missing, unreadable, a folder, or empty.
Source read_source(const std::string& path);

}  // namespace gradc::app
