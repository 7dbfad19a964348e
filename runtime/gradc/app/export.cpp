#include <fmt/format.h>
#include <gradc/app/config.h>
#include <gradc/app/errors.h>
#include <gradc/app/export.h>
#include <gradc/app/trained.h>

#include <cstdio>
#include <filesystem>

namespace gradc::app {

namespace fs = std::filesystem;

int export_weights(const core::Model& model, const ExportOptions& options) {
  const bool is_file = options.output.ends_with(".safetensors");
  const std::string path = is_file ? options.output : checkpoint_path(options.output);
  const Trained trained(model, {.folder = options.folder, .weights = {}, .tokenizer = {}});
  Instance instance(model, Instance::Purpose::kRun);
  trained.load(instance);

  const auto& tokenizer = trained.alphabet().tokenizer;
  std::vector<std::string> written{path};
  if (tokenizer && !is_file) {
    for (const BpeFiles::File& file : tokenizer->files.files) {
      written.push_back((fs::path(options.output) / file.name).string());
    }
  }
  const bool has_config = !model.config.empty() && !is_file;
  if (has_config) written.push_back((fs::path(options.output) / kConfigFile).string());
  std::error_code ignored;
  if (fs::equivalent(path, checkpoint_path(options.folder), ignored)) {
    throw DataError(fmt::format("{}: the run's own checkpoint; -o another folder", path));
  }
  for (const std::string& name : written) {
    if (fs::is_directory(name, ignored)) {
      throw DataError(fmt::format("{}: is a folder, which no file replaces", name));
    }
    if (!options.force && fs::exists(name, ignored)) {
      throw DataError(fmt::format("{}: is there already; --force replaces it", name));
    }
  }
  if (!is_file) make_folder(options.output);
  write_weights(path, instance, options.type, trained.facts()->vocabulary);
  if (tokenizer && !is_file) tokenizer->files.write(options.output);
  if (has_config) write_config_file(options.output, model);
  fmt::print("wrote {}\n", fmt::join(written, ", "));
  return kExitDone;
}

}  // namespace gradc::app
