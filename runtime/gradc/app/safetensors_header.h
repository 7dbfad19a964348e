// The JSON header of a safetensors file, parsed strictly: see safetensors.h for the rules.
#pragma once

#include <gradc/app/safetensors.h>

#include <string>
#include <string_view>
#include <vector>

namespace gradc::app {

struct SafetensorsHeader {
  Metadata metadata;
  std::vector<StoredTensor> tensors;  // by their place in the file
};

// `data_bytes` is the size of what follows the header. Throws a DataError whose text does not name
// the file.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes);

}  // namespace gradc::app
