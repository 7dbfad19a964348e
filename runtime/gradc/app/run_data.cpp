#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/run_data.h>
#include <gradc/app/tensor.h>

namespace gradc::app {
namespace {

Source open_source(const core::Model& model, const std::optional<std::string>& path,
                   const RunFacts* facts) {
  if (!reads_data(model)) {
    if (path) {
      throw UsageError(fmt::format("-i {}: {} makes its own data", *path, model.name));
    }
    return {};
  }
  if (path) return read_source(*path);
  if (facts != nullptr && !facts->data.empty()) return read_source(facts->data);
  if (has_built_in_data(model)) return built_in_names();
  throw UsageError(fmt::format("{} needs data: -i FILE", model.name));
}

}  // namespace

std::optional<Vocabulary> stored_vocabulary(const core::Model& model, const RunFacts& facts,
                                            const std::string& folder) {
  using Kind = core::DatasetInfo::Kind;
  if (!has_boundary(model) && model.dataset.kind != Kind::kText) return {};
  const std::string path = checkpoint_path(folder);
  if (!facts.vocabulary) {
    throw DataError(fmt::format("{}: its metadata has no \"vocabulary\"", path));
  }
  Vocabulary vocabulary = Vocabulary::from_text(has_boundary(model), *facts.vocabulary, path);
  for (const core::TensorInfo* input : tensors_of(model, core::Role::kInput)) {
    if (input->element == core::Element::kI32 && input->classes < vocabulary.size()) {
      throw DataError(fmt::format("{}: {} characters, but {} was generated for {}", path,
                                  vocabulary.size(), model.name, input->classes));
    }
  }
  return vocabulary;
}

RunData open_data(const core::Model& model, const std::optional<std::string>& path,
                  const RunFacts* facts, const std::string& folder, std::uint64_t seed) {
  RunData data{.source = open_source(model, path, facts), .dataset = nullptr};
  DatasetOptions options{.seed = seed};
  if (facts != nullptr) {
    options.vocabulary = stored_vocabulary(model, *facts, folder);
    options.vocabulary_owner = folder;
  }
  data.dataset = make_dataset(model, data.source, options);
  return data;
}

}  // namespace gradc::app
