#include <fmt/format.h>
#include <gradc/app/atomic_file.h>
#include <gradc/app/binding.h>
#include <gradc/app/config.h>
#include <gradc/app/errors.h>
#include <gradc/app/json_text.h>
#include <gradc/app/source.h>
#include <gradc/app/tensor_fit.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace gradc::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is(const json& found, std::int64_t number) {
  return found.is_number_unsigned() ? std::cmp_equal(found.get<std::uint64_t>(), number)
                                    : found.get<std::int64_t>() == number;
}

// What is wrong with what was found for a fact; empty for nothing.
std::string disagreement(const core::ConfigInfo& fact, const json& found) {
  if (!found.is_number_integer()) {
    const bool is_short = found.is_number() || found.is_boolean();
    const char* article = found.is_string() ? "a " : "an ";
    return fmt::format("\"{}\" is {}, not a whole number", fact.key,
                       is_short ? found.dump() : article + std::string(found.type_name()));
  }
  if (is(found, fact.value)) return "";
  const std::string apart = fmt::format("\"{}\" is {}, not {}", fact.key, found.dump(), fact.value);
  const auto number = found.get<std::int64_t>();
  if (number < 1) return apart;  // no -D option takes it
  return fmt::format(
      "{}; {}", apart,
      remedy(fact.option, number,
             fmt::format("declare \"{}\" ({}) as {}", fact.key, fact.source, number)));
}

std::string path_in(const std::string& folder) { return (fs::path(folder) / kConfigFile).string(); }

}  // namespace

nlohmann::ordered_json config_of(const core::Model& model) {
  auto config = nlohmann::ordered_json::object();
  for (const core::ConfigInfo& fact : model.config) config[fact.key] = fact.value;
  return config;
}

void require_config(const std::string& path, const core::Model& model, const json& config) {
  if (!config.is_object()) {
    throw DataError(fmt::format("{}: it is no object of names and values", path));
  }
  std::vector<std::string> lines;
  for (const core::ConfigInfo& fact : model.config) {
    const json& found = json_member(config, fact.key);
    if (found.is_null()) continue;
    const std::string line = disagreement(fact, found);
    if (!line.empty()) lines.push_back(line);
  }
  require_fit(path, model, lines);
}

void require_config_file(const std::string& folder, const core::Model& model) {
  const std::string path = path_in(folder);
  std::error_code ignored;
  if (model.config.empty() || !fs::exists(path, ignored)) return;
  require_config(path, model, parse_json(path, read_source(path).bytes));
}

void write_config_file(const std::string& folder, const core::Model& model) {
  AtomicFile file(path_in(folder));
  file.write(config_of(model).dump(2) + "\n");
  file.commit();
}

}  // namespace gradc::app
