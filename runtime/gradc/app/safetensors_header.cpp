#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/safetensors_header.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace gradc::app {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNameBytes = 1024;
constexpr std::size_t kMaxRank = 32;
constexpr const char* kMetadataKey = "__metadata__";

[[noreturn]] void refuse(const std::string& why) { throw DataError(why); }

// A name from the file, fit for a message.
std::string shown(std::string name) {
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (name.size() > 64) name = name.substr(0, 61) + "...";
  return "\"" + name + "\"";
}

// Takes the header as a stream of events, so that a second key of one name is seen and nothing
// deeper than the format is ever built. Levels: 1 the header, 2 an entry, 3 a list of numbers.
class HeaderReader final : public json::json_sax_t {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (level_ == 2 || in_list_) refuse("the header is nested deeper than the format");
    if (level_ == 1) {
      entry_keys_.clear();
      if (!in_metadata_) header_.tensors.emplace_back().name = name_;
    }
    ++level_;
    return true;
  }

  bool end_object() override {
    if (level_ == 2 && !in_metadata_) {
      for (const char* key : {"dtype", "shape", "data_offsets"}) {
        if (!entry_keys_.count(key)) refuse(fmt::format("{} has no \"{}\"", shown(name_), key));
      }
    }
    --level_;
    return true;
  }

  bool key(std::string& key) override {
    if (key.size() > kMaxNameBytes) refuse("a name in the header is too long");
    auto& keys = level_ == 1 ? names_ : entry_keys_;
    if (!keys.insert(key).second) {
      refuse(fmt::format("the header has {} twice", shown(key)) +
             (level_ == 2 ? " in " + shown(name_) : ""));
    }
    if (level_ == 1) {
      name_ = key;
      in_metadata_ = key == kMetadataKey;
    } else {
      key_ = key;
      if (!in_metadata_ && key != "dtype" && key != "shape" && key != "data_offsets") {
        refuse(fmt::format("{} has an unknown {}", shown(name_), shown(key)));
      }
    }
    return true;
  }

  bool string(std::string& value) override {
    if (level_ != 2 || in_list_) unexpected("a string");
    if (in_metadata_) {
      header_.metadata[key_] = value;
    } else if (key_ == "dtype") {
      header_.tensors.back().dtype = value;
    } else {
      unexpected("a string");
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (in_list_) refuse("the header is nested deeper than the format");
    const bool wanted = level_ == 2 && !in_metadata_ && key_ != "dtype";
    if (!wanted) unexpected("a list");
    in_list_ = true;
    numbers_.clear();
    return true;
  }

  bool end_array() override {
    in_list_ = false;
    StoredTensor& tensor = header_.tensors.back();
    if (key_ == "shape") {
      tensor.shape.assign(numbers_.begin(), numbers_.end());
    } else {
      if (numbers_.size() != 2) {
        refuse(fmt::format("{} has {} data_offsets instead of 2", shown(name_), numbers_.size()));
      }
      tensor.begin = numbers_[0];
      tensor.end = numbers_[1];
    }
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (!in_list_) unexpected("a number");
    if (numbers_.size() == kMaxRank) {
      refuse(fmt::format("{} has a {} of more than {} numbers", shown(name_), key_, kMaxRank));
    }
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      refuse(fmt::format("{} in {} is too large: {}", key_, shown(name_), value));
    }
    numbers_.push_back(value);
    return true;
  }

  bool number_integer(std::int64_t value) override {
    if (in_list_) refuse(fmt::format("{} in {} is negative: {}", key_, shown(name_), value));
    unexpected("a number");
  }
  bool number_float(double, const std::string& text) override {
    if (in_list_) {
      refuse(
          fmt::format("{} in {} is no 64-bit integer: {}", key_, shown(name_), text.substr(0, 40)));
    }
    unexpected("a number");
  }
  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a truth value"); }
  bool binary(binary_t&) override { unexpected("bytes"); }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    refuse(fmt::format("the header is not JSON at byte {}", position));
  }

 private:
  [[noreturn]] void unexpected(const char* what) {
    if (level_ == 0) refuse(fmt::format("the header is {} instead of an object", what));
    refuse(fmt::format("the header has {} where {} does not allow one", what,
                       level_ == 1 ? shown(name_) : shown(key_) + " of " + shown(name_)));
  }

  SafetensorsHeader header_;
  int level_ = 0;
  bool in_list_ = false;
  bool in_metadata_ = false;
  std::string name_;  // of the entry
  std::string key_;   // within it
  std::set<std::string> names_;
  std::set<std::string> entry_keys_;
  std::vector<std::uint64_t> numbers_;
};

// In bytes; 0 for a type that this program does not know.
std::uint64_t dtype_bytes(const std::string& dtype) {
  if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
  if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
  if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
  if (dtype == "I8" || dtype == "U8" || dtype == "BOOL") return 1;
  return 0;
}

void check_size(const StoredTensor& tensor) {
  std::uint64_t size = dtype_bytes(tensor.dtype);
  if (size == 0) {
    refuse(fmt::format("{} has the unknown dtype {}", shown(tensor.name), shown(tensor.dtype)));
  }
  for (const std::int64_t extent : tensor.shape) {
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size)) {
      refuse(fmt::format("the size of {} [{}] overflows", shown(tensor.name),
                         fmt::join(tensor.shape, ", ")));
    }
  }
  if (tensor.end < tensor.begin || tensor.end - tensor.begin != size) {
    refuse(fmt::format("{} [{}] of {} takes {} bytes, but its data_offsets are {} and {}",
                       shown(tensor.name), fmt::join(tensor.shape, ", "), tensor.dtype, size,
                       tensor.begin, tensor.end));
  }
}

void check_places(const std::vector<StoredTensor>& tensors, std::uint64_t data_bytes) {
  std::uint64_t covered = 0;
  const StoredTensor* before = nullptr;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.begin < covered) {
      refuse(fmt::format("{} and {} overlap", shown(before->name), shown(tensor.name)));
    }
    if (tensor.begin > covered) {
      refuse(fmt::format("bytes {} to {}, before {}, belong to no tensor", covered, tensor.begin,
                         shown(tensor.name)));
    }
    covered = tensor.end;
    before = &tensor;
  }
  if (covered > data_bytes) {
    refuse(fmt::format("cut short: the tensors take {} bytes, the file has {} for them", covered,
                       data_bytes));
  }
  if (covered < data_bytes) {
    refuse(fmt::format("{} bytes at the end belong to no tensor", data_bytes - covered));
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes) {
  if (text.empty() || text.front() != '{') refuse("the header does not start with '{'");
  HeaderReader reader;
  json::sax_parse(text.begin(), text.end(), &reader);
  SafetensorsHeader header = reader.take();
  for (const StoredTensor& tensor : header.tensors) check_size(tensor);
  std::sort(header.tensors.begin(), header.tensors.end(), [](const auto& a, const auto& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  check_places(header.tensors, data_bytes);
  return header;
}

}  // namespace gradc::app
