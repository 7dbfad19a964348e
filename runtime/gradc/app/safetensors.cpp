#include <fcntl.h>
#include <fmt/core.h>
#include <gradc/app/atomic_file.h>
#include <gradc/app/errors.h>
#include <gradc/app/safetensors.h>
#include <gradc/app/safetensors_header.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace gradc::app {
namespace {

constexpr std::uint64_t kSizeBytes = 8;

std::uint64_t little_endian(const std::byte (&bytes)[kSizeBytes]) {
  std::uint64_t value = 0;
  for (std::size_t i = kSizeBytes; i-- > 0;)
    value = value << 8 | std::to_integer<unsigned>(bytes[i]);
  return value;
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& path) : path_(path) {
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) throw DataError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  try {
    struct stat status{};
    if (::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) {
      throw DataError("not a regular file");
    }
    const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
    if (file_bytes < kSizeBytes) {
      throw DataError(fmt::format("cut short: {} bytes hold no header", file_bytes));
    }
    std::byte size_bytes[kSizeBytes];
    read_at(0, size_bytes);
    const std::uint64_t header_bytes = little_endian(size_bytes);
    if (header_bytes > kMaxHeaderBytes) {
      throw DataError(
          fmt::format("a header of {} bytes; at most {} are read", header_bytes, kMaxHeaderBytes));
    }
    if (header_bytes > file_bytes - kSizeBytes) {
      throw DataError(
          fmt::format("cut short: a header of {} bytes in a file of {}", header_bytes, file_bytes));
    }
    std::string text(header_bytes, '\0');
    read_at(kSizeBytes, std::as_writable_bytes(std::span(text)));
    data_start_ = kSizeBytes + header_bytes;
    SafetensorsHeader header = parse_safetensors_header(text, file_bytes - data_start_);
    metadata_ = std::move(header.metadata);
    tensors_ = std::move(header.tensors);
  } catch (const DataError& error) {
    ::close(file_);
    throw DataError(fmt::format("{}: {}", path, error.what()));
  }
}

SafetensorsFile::~SafetensorsFile() { ::close(file_); }

const StoredTensor* SafetensorsFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                  [&](const StoredTensor& tensor) { return tensor.name == name; });
  return found == tensors_.end() ? nullptr : &*found;
}

void SafetensorsFile::read(const StoredTensor& tensor, std::span<std::byte> bytes) const {
  try {
    read_at(data_start_ + tensor.begin, bytes);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", path_, error.what()));
  }
}

void SafetensorsFile::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw DataError(fmt::format("cannot be read: {}", std::strerror(errno)));
    if (n == 0) throw DataError("cut short while it was read");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void write_safetensors(const std::string& path, const Metadata& metadata,
                       std::span<const TensorToStore> tensors) {
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  std::uint64_t place = 0;
  for (const TensorToStore& tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {place, place + tensor.size}}};
    place += tensor.size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data is aligned

  AtomicFile file(path);
  std::byte size_bytes[kSizeBytes];
  for (std::size_t i = 0; i < kSizeBytes; ++i) {
    size_bytes[i] = static_cast<std::byte>(text.size() >> 8 * i);
  }
  file.write(size_bytes);
  file.write(std::as_bytes(std::span(text)));
  std::vector<std::byte> plain;
  for (const TensorToStore& tensor : tensors) {
    plain.resize(tensor.size);
    tensor.bytes(plain.data());
    file.write(plain);
  }
  file.commit();
}

}  // namespace gradc::app
