#include <fmt/format.h>
#include <gradc/app/config.h>
#include <gradc/app/errors.h>
#include <gradc/app/half.h>
#include <gradc/app/json_text.h>
#include <gradc/app/source.h>
#include <gradc/app/tensor_fit.h>
#include <gradc/app/weights.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace gradc::app {
namespace {

namespace fs = std::filesystem;
using core::Role;
using core::TensorInfo;

constexpr const char* kFile = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kVocabularyKey = "vocabulary";
constexpr const char* kPrefixes[] = {"", "transformer.", "model."};
constexpr const char* kEmbedding = "wte.weight";
constexpr const char* kHead = "lm_head.weight";

std::string published_name(const TensorInfo& tensor) {
  std::string name = tensor.name;
  std::ranges::replace(name, '/', '.');
  return name;
}

// What a model that needs it makes itself.
bool is_made(const StoredTensor& stored) {
  const auto ends = [&](const char* end) { return stored.name.ends_with(end); };
  return (ends(".attn.bias") && stored.shape.size() == 4) ||
         (ends(".attn.masked_bias") && stored.shape.empty()) ||
         (ends(".rotary_emb.inv_freq") && stored.shape.size() == 1);
}

std::vector<std::byte> bytes_of(const SafetensorsFile& file, const StoredTensor& tensor) {
  std::vector<std::byte> bytes(tensor.end - tensor.begin);
  file.read(tensor, bytes);
  return bytes;
}

template <class Stored>
std::vector<Stored> elements_of(const std::vector<std::byte>& bytes) {
  std::vector<Stored> elements(bytes.size() / sizeof(Stored));
  std::memcpy(elements.data(), bytes.data(), bytes.size());
  return elements;
}

std::vector<double> values_in(const SafetensorsFile& file, const StoredTensor& tensor) {
  const std::vector<std::byte> bytes = bytes_of(file, tensor);
  std::vector<double> values;
  const auto take = [&](const auto& elements, auto&& convert) {
    values.reserve(elements.size());
    for (const auto element : elements) values.push_back(convert(element));
  };
  const auto itself = [](auto x) { return static_cast<double>(x); };
  if (tensor.dtype == "F64") take(elements_of<double>(bytes), itself);
  if (tensor.dtype == "F32") take(elements_of<float>(bytes), itself);
  if (tensor.dtype == "F16") take(elements_of<std::uint16_t>(bytes), from_f16);
  if (tensor.dtype == "BF16") take(elements_of<std::uint16_t>(bytes), from_bf16);
  return values;
}

}  // namespace

Weights::Weights(const std::string& path, const core::Model& model) : path_(path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    const fs::path folder(path);
    path_ = (folder / kFile).string();
    if (!fs::exists(path_, ignored)) path_ = (folder / kIndex).string();
    if (!fs::exists(path_, ignored)) {
      throw DataError(fmt::format("{}: no weights: neither {} nor {}", path, kFile, kIndex));
    }
  }
  require_config_file(folder(), model);
  path_.ends_with(".json") ? open_index() : open_file();
}

void Weights::open_file() {
  const SafetensorsFile& file = add_file(path_);
  if (file.metadata().count("format") > 0 && file.metadata().count("step") > 0) {
    throw DataError(fmt::format(
        "{}: a run's checkpoint, not weights: -m takes it as it is, `export` makes weights of it",
        path_));
  }
  for (const StoredTensor& tensor : file.tensors()) places_[tensor.name] = {&file, &tensor};
}

const SafetensorsFile& Weights::add_file(const std::string& path) {
  return *files_.emplace_back(std::make_unique<SafetensorsFile>(path));
}

void Weights::open_index() {
  const auto fail = [&](const std::string& what) {
    throw DataError(fmt::format("{}: {}", path_, what));
  };
  const Source source = read_source(path_);
  const nlohmann::json index = parse_json(path_, source.bytes);
  const nlohmann::json& map = json_member(index, "weight_map");
  if (!map.is_object() || map.empty()) fail("it has no \"weight_map\" of tensors and files");
  std::map<std::string, const SafetensorsFile*> files;
  for (const auto& [name, value] : map.items()) {
    const std::string file = value.is_string() ? value.get<std::string>() : "";
    // Nothing beyond the folder is opened.
    if (file.empty() || file != fs::path(file).filename() || !file.ends_with(".safetensors")) {
      fail(
          fmt::format("\"{}\" is in {}, not in a .safetensors file beside it", name, value.dump()));
    }
    if (!files.count(file)) files[file] = &add_file((fs::path(folder()) / file).string());
    const StoredTensor* tensor = files[file]->find(name);
    if (tensor == nullptr) fail(fmt::format("\"{}\" is not in {}", name, file));
    places_[name] = {files[file], tensor};
  }
  for (const auto& file : files_) {
    for (const StoredTensor& tensor : file->tensors()) {
      const Place* place = find(tensor.name);
      if (place == nullptr || place->file != file.get()) {
        fail(fmt::format("\"{}\" of {} is not in it", tensor.name, file->path()));
      }
    }
  }
}

std::string Weights::folder() const {
  const fs::path parent = fs::path(path_).parent_path();
  return parent.empty() ? "." : parent.string();
}

std::optional<std::string> Weights::vocabulary() const {
  const Metadata& metadata = files_.front()->metadata();
  const auto found = metadata.find(kVocabularyKey);
  return found == metadata.end() ? std::nullopt : std::optional(found->second);
}

const Weights::Place* Weights::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &found->second;
}

// The one under which most parameters are found.
std::string Weights::choose_prefix(const core::Model& model) const {
  const auto known = [&](const char* prefix) {
    return std::ranges::count_if(tensors_of(model, Role::kParameter),
                                 [&](const TensorInfo* tensor) {
                                   return find(prefix + published_name(*tensor)) != nullptr;
                                 });
  };
  return *std::ranges::max_element(kPrefixes, {}, known);
}

void Weights::require_tied(const std::string& prefix) const {
  const Place* head = find(kHead);
  const Place* table = find(prefix + kEmbedding);
  if (head->tensor->dtype == table->tensor->dtype && head->tensor->shape == table->tensor->shape &&
      bytes_of(*head->file, *head->tensor) == bytes_of(*table->file, *table->tensor)) {
    return;
  }
  throw DataError(fmt::format("{}: \"{}\" differs from \"{}{}\", but the model has one for both",
                              path_, kHead, prefix, kEmbedding));
}

void Weights::load(Instance& instance) const {
  const core::Model& model = instance.model();
  const std::string prefix = choose_prefix(model);
  std::map<std::string, const TensorInfo*> wanted;
  std::vector<std::string> lines;
  for (const TensorInfo* tensor : tensors_of(model, Role::kParameter)) {
    const std::string name = prefix + published_name(*tensor);
    wanted[name] = tensor;
    const Place* place = find(name);
    const std::string line =
        misfit(name, place == nullptr ? nullptr : place->tensor, *tensor, Accepts::kAnyFloat);
    if (!line.empty()) lines.push_back(line);
  }
  const bool tied =
      find(kHead) != nullptr && !wanted.count(kHead) && wanted.count(prefix + kEmbedding);
  for (const auto& [name, place] : places_) {
    if (wanted.count(name) || is_made(*place.tensor) || (tied && name == kHead)) continue;
    lines.push_back(unknown_tensor(*place.tensor));
  }
  require_fit(path_, model, lines);
  if (tied) require_tied(prefix);

  for (const auto& [name, tensor] : wanted) {
    const Place* place = find(name);
    set_values(instance.arena(), *tensor, values_in(*place->file, *place->tensor));
  }
}

namespace {

struct WeightFormat {
  const char* dtype;
  std::size_t bytes;
};

WeightFormat format_of(WeightType type) {
  switch (type) {
    case WeightType::kF16:
      return {"F16", 2};
    case WeightType::kBf16:
      return {"BF16", 2};
    case WeightType::kF32:
      break;
  }
  return {"F32", 4};
}

// Returns whether the value is finite in the type, or was not finite before.
bool store(double value, WeightType type, std::byte* to) {
  const auto single = static_cast<float>(value);
  const std::uint16_t half = type == WeightType::kF16 ? to_f16(single) : to_bf16(single);
  float kept = single;
  if (type == WeightType::kF32) {
    std::memcpy(to, &single, sizeof single);
  } else {
    std::memcpy(to, &half, sizeof half);
    kept = type == WeightType::kF16 ? from_f16(half) : from_bf16(half);
  }
  return std::isfinite(kept) || !std::isfinite(value);
}

}  // namespace

void write_weights(const std::string& path, const Instance& instance, WeightType type,
                   const std::optional<std::string>& vocabulary) {
  const WeightFormat format = format_of(type);
  Metadata metadata{{"format", "pt"}};
  if (vocabulary) metadata[kVocabularyKey] = *vocabulary;
  std::vector<TensorToStore> tensors;
  for (const TensorInfo* tensor : tensors_of(instance.model(), Role::kParameter)) {
    const auto shape = shape_of(*tensor);
    const auto bytes = [&, tensor](std::byte* plain) {
      for (const double value : values_of(instance.arena(), *tensor)) {
        if (!store(value, type, plain)) {
          throw DataError(fmt::format("{}: \"{}\" has {:g}, too large for {}", path,
                                      published_name(*tensor), value, format.dtype));
        }
        plain += format.bytes;
      }
    };
    tensors.push_back({.name = published_name(*tensor),
                       .dtype = format.dtype,
                       .shape = {shape.begin(), shape.end()},
                       .size = static_cast<std::uint64_t>(element_count(*tensor)) * format.bytes,
                       .bytes = bytes});
  }
  write_safetensors(path, metadata, tensors);
}

}  // namespace gradc::app
