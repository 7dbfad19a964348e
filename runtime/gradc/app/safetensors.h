// The safetensors format: an 8-byte little-endian header size, a JSON header, the tensors' bytes.
//
// A file is taken for hostile until every rule below has been checked; only then is memory of the
// size it claims allocated or a tensor read.
//   - the header is at most kMaxHeaderBytes and lies within the file
//   - it is one JSON object of objects, nothing deeper, no key twice, nothing after it but spaces
//   - "__metadata__" maps strings to strings; every other entry has a dtype, a shape and
//     data_offsets, and no more
//   - a tensor's size, from its shape, does not overflow and equals its range of bytes
//   - the ranges cover the rest of the file, with no hole and no overlap
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace gradc::app {

inline constexpr std::uint64_t kMaxHeaderBytes = 16 << 20;

struct StoredTensor {
  std::string name;
  std::string dtype;  // "F32", "F64", "I32", ...
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // in bytes from the end of the header
  std::uint64_t end = 0;
};

using Metadata = std::map<std::string, std::string>;

// An open file. Reading is safe from one thread at a time.
class SafetensorsFile {
 public:
  // Throws a DataError that says which rule is broken.
  explicit SafetensorsFile(const std::string& path);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::string& path() const { return path_; }
  const Metadata& metadata() const { return metadata_; }
  const std::vector<StoredTensor>& tensors() const { return tensors_; }  // by place in the file
  const StoredTensor* find(const std::string& name) const;

  // The tensor's bytes, row-major; `bytes` has the size of its range.
  void read(const StoredTensor& tensor, std::span<std::byte> bytes) const;

 private:
  void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

  std::string path_;
  int file_ = -1;
  std::uint64_t data_start_ = 0;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
};

// A tensor to be written: `bytes` puts its row-major values into a block of the size it is given.
struct TensorToStore {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t size = 0;
  std::function<void(std::byte*)> bytes;
};

// Replaces `path` as a whole or leaves it alone: the file is written beside it, synced and renamed.
// Throws a DataError when the disk will not take it.
void write_safetensors(const std::string& path, const Metadata& metadata,
                       std::span<const TensorToStore> tensors);

}  // namespace gradc::app
