#include <fmt/format.h>
#include <gradc/app/checkpoint.h>
#include <gradc/app/config.h>
#include <gradc/app/errors.h>
#include <gradc/app/json_text.h>
#include <gradc/app/tensor_fit.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

constexpr const char* kFormat = "gradc run 1";
constexpr std::string_view kSettingPrefix = "setting.";
constexpr const char* kConfigKey = "config";

bool is_saved(const TensorInfo& tensor) {
  return tensor.role == Role::kParameter || tensor.role == Role::kState;
}

const std::string& required(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    throw DataError(fmt::format("{}: its metadata has no \"{}\"", file.path(), key));
  }
  return found->second;
}

template <class Number>
Number parsed(const SafetensorsFile& file, const std::string& key) {
  const std::string& text = required(file, key);
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    throw DataError(fmt::format("{}: \"{}\" in its metadata is no number", file.path(), key));
  }
  return value;
}

std::int64_t parsed_count(const SafetensorsFile& file, const std::string& key) {
  const auto value = parsed<std::int64_t>(file, key);
  if (value < 0) throw DataError(fmt::format("{}: \"{}\" is negative", file.path(), key));
  return value;
}

// One line for each tensor that does not fit.
std::vector<std::string> misfits(const SafetensorsFile& file, const core::Model& model) {
  std::vector<std::string> lines;
  std::size_t known = 0;
  for (const TensorInfo& tensor : model.tensors) {
    if (!is_saved(tensor)) continue;
    const StoredTensor* stored = file.find(tensor.name);
    if (stored != nullptr) ++known;
    const std::string line = misfit(tensor.name, stored, tensor, Accepts::kSame);
    if (!line.empty()) lines.push_back(line);
  }
  if (known == file.tensors().size()) return lines;
  for (const StoredTensor& stored : file.tensors()) {
    const bool wanted = std::ranges::any_of(model.tensors, [&](const TensorInfo& tensor) {
      return is_saved(tensor) && stored.name == tensor.name;
    });
    if (!wanted) lines.push_back(unknown_tensor(stored));
  }
  return lines;
}

}  // namespace

void save_checkpoint(const std::string& folder, const Instance& instance, const RunFacts& facts) {
  Metadata metadata{
      {"format", kFormat},
      {"model", facts.model},
      {"step", std::to_string(facts.step)},
      {"steps", std::to_string(facts.steps)},
      {"batch", std::to_string(facts.batch)},
      {"seed", std::to_string(facts.seed)},
      {"data", facts.data},
      {"data_hash", std::to_string(facts.data_hash)},
  };
  if (facts.vocabulary) metadata["vocabulary"] = *facts.vocabulary;
  if (facts.tokenizer_hash) metadata["tokenizer_hash"] = std::to_string(*facts.tokenizer_hash);
  const core::Model& model = instance.model();
  if (!model.config.empty()) metadata[kConfigKey] = config_of(model).dump();
  for (const auto& [name, value] : facts.settings) {
    metadata[std::string(kSettingPrefix) + name] = fmt::format("{}", value);
  }
  std::vector<TensorToStore> tensors;
  for (const TensorInfo& tensor : model.tensors) {
    if (!is_saved(tensor)) continue;
    const auto shape = shape_of(tensor);
    tensors.push_back(
        {.name = tensor.name,
         .dtype = dtype_of(tensor.element),
         .shape = {shape.begin(), shape.end()},
         .size = static_cast<std::uint64_t>(byte_count(tensor)),
         .bytes = [&](std::byte* plain) { copy_out(instance.arena(), tensor, plain); }});
  }
  write_safetensors(checkpoint_path(folder), metadata, tensors);
}

RunFacts read_facts(const SafetensorsFile& file) {
  if (required(file, "format") != kFormat) {
    throw DataError(fmt::format("{}: not written by this version: its format is \"{}\", not \"{}\"",
                                file.path(), required(file, "format"), kFormat));
  }
  RunFacts facts{
      .model = required(file, "model"),
      .step = parsed_count(file, "step"),
      .steps = parsed_count(file, "steps"),
      .batch = parsed_count(file, "batch"),
      .seed = parsed<std::uint64_t>(file, "seed"),
      .data = required(file, "data"),
      .data_hash = parsed<std::uint64_t>(file, "data_hash"),
  };
  for (const auto& [key, value] : file.metadata()) {
    if (key == "vocabulary") facts.vocabulary = value;
    if (key == "tokenizer_hash") facts.tokenizer_hash = parsed<std::uint64_t>(file, key);
    if (key.starts_with(kSettingPrefix)) {
      facts.settings[key.substr(kSettingPrefix.size())] = parsed<double>(file, key);
    }
  }
  return facts;
}

void require_model(const SafetensorsFile& file, const core::Model& model) {
  const std::string& name = required(file, "model");
  if (name != model.name) {
    throw DataError(
        fmt::format("{}: holds the model \"{}\", not \"{}\"", file.path(), name, model.name));
  }
  const auto config = file.metadata().find(kConfigKey);
  if (config == file.metadata().end()) return;
  const std::string place = fmt::format("{}: \"{}\" in its metadata", file.path(), kConfigKey);
  require_config(place, model, parse_json(place, config->second));
}

void load_tensors(const SafetensorsFile& file, Instance& instance) {
  const core::Model& model = instance.model();
  require_fit(file.path(), model, misfits(file, model));
  std::vector<std::byte> plain;
  for (const TensorInfo& tensor : model.tensors) {
    if (!is_saved(tensor)) continue;
    plain.resize(static_cast<std::size_t>(byte_count(tensor)));
    file.read(*file.find(tensor.name), plain);
    copy_in(instance.arena(), tensor, plain.data());
  }
  // The model counts its steps too, exactly as long as its numbers can.
  constexpr double kExact = 1 << 24;
  const TensorInfo* counter = find_tensor(model, Role::kState, "step");
  if (counter != nullptr && is_scalar(*counter)) {
    const double counted = scalar_of(instance.arena(), *counter);
    const std::int64_t step = parsed_count(file, "step");
    if (static_cast<double>(step) < kExact && counted != static_cast<double>(step)) {
      throw DataError(fmt::format("{}: its metadata says step {}, its tensor \"step\" {}",
                                  file.path(), step, counted));
    }
  }
}

std::unique_ptr<SafetensorsFile> open_checkpoint(const std::string& folder) {
  if (!holds_checkpoint(folder)) {
    throw DataError(fmt::format("{}: there is no trained model; `train -o {}` makes one",
                                checkpoint_path(folder), folder));
  }
  return std::make_unique<SafetensorsFile>(checkpoint_path(folder));
}

}  // namespace gradc::app
