// The bytes of a data set, with the name that messages call them by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gradc::app {

// FNV-1a, so that a run is not resumed on other data.
class Fingerprint {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

// Cheap to copy; copies share the bytes.
struct Source {
  Source() = default;
  Source(std::string name, std::string bytes);
  Source(std::string name, std::string_view bytes, std::shared_ptr<const void> owner)
      : name(std::move(name)), bytes(bytes), owner(std::move(owner)) {}

  std::uint64_t hash() const;

  std::string name;  // the path as given, or "the built-in names"
  std::string_view bytes;
  std::shared_ptr<const void> owner;  // of the bytes; null for those that last
};

inline constexpr std::string_view kBuiltInNames = "the built-in names";
inline constexpr std::string_view kBuiltInPairs = "the built-in pairs";

// Whether the data needs no file.
inline bool is_built_in(const Source& source) {
  return source.name == kBuiltInNames || source.name == kBuiltInPairs;
}

Source built_in_names();

// Maps a regular file, so that it may be larger than memory; reads anything else, such as a pipe.
// Throws a DataError when the file is missing, unreadable, a folder, or empty.
Source read_source(const std::string& path);

}  // namespace gradc::app
