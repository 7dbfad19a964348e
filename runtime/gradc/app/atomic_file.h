// A file that replaces another as a whole, or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gradc::app {

// Bytes go to ".NAME.new" in the same folder. `commit` syncs them, renames the file to its place
// and syncs the folder; without it the destructor removes what was written. Every failure throws a
// DataError and leaves `path` as it was.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string folder_;
  std::string written_;  // the path that is written to; empty once it is committed
  int file_ = -1;
};

}  // namespace gradc::app
