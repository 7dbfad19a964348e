#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/run_data.h>

namespace gradc::app {
namespace {

Source open_source(const core::Model& model, const DataRequest& request) {
  const std::optional<std::string>& path = request.path;
  if (!reads_data(model)) {
    if (path) {
      throw UsageError(fmt::format("-i {}: {} makes its own data", *path, model.name));
    }
    return {};
  }
  if (path) return read_source(*path);
  if (request.facts != nullptr && !request.facts->data.empty())
    return read_source(request.facts->data);
  if (auto data = built_in_data(model, request.seed)) return *data;
  throw UsageError(fmt::format("{} needs data: -i FILE", model.name));
}

}  // namespace

RunData open_data(const core::Model& model, const Alphabet& alphabet, const DataRequest& request) {
  RunData data{.source = open_source(model, request), .dataset = nullptr};
  DatasetOptions options{.seed = request.seed,
                         .vocabulary = alphabet.characters,
                         .vocabulary_owner = alphabet.owner,
                         .scratch_folder = request.scratch_folder};
  if (alphabet.tokenizer) options.bpe = alphabet.tokenizer->bpe;
  data.dataset = make_dataset(model, data.source, options);
  return data;
}

}  // namespace gradc::app
