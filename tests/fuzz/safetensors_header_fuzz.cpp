// A header either names tensors that tile the data without holes or overlaps, or is refused with a
// DataError.
#include <gradc/app/errors.h>
#include <gradc/app/safetensors_header.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kDataBytes = 40;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  try {
    std::uint64_t covered = 0;
    for (const auto& tensor : gradc::app::parse_safetensors_header(json, kDataBytes).tensors) {
      if (tensor.begin != covered || tensor.end < tensor.begin) std::abort();
      covered = tensor.end;
    }
    if (covered != kDataBytes) std::abort();
  } catch (const gradc::app::DataError&) {
  }
  return 0;
}
