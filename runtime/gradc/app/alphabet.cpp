#include <fmt/format.h>
#include <gradc/app/alphabet.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/tensor.h>

#include <string_view>

namespace gradc::app {
namespace {

using core::TensorInfo;
using Kind = core::DatasetInfo::Kind;

bool is_text(const core::Model& model) { return model.dataset.kind == Kind::kText; }

bool has_characters(const core::Model& model) { return has_boundary(model) || is_text(model); }

// The input of tokens that has the fewest classes.
const TensorInfo* narrowest_input(const core::Model& model) {
  const TensorInfo* narrowest = nullptr;
  for (const TensorInfo* input : tensors_of(model, core::Role::kInput)) {
    const std::string_view name = input->name;
    const bool counts = name == "position" || name == "length";
    if (input->element != core::Element::kI32 || counts) continue;
    if (narrowest == nullptr || input->classes < narrowest->classes) narrowest = input;
  }
  return narrowest;
}

Alphabet open_tokenizer(const core::Model& model, const std::string& folder) {
  StoredTokenizer tokenizer{.files = read_bpe_files(folder), .bpe = nullptr};
  tokenizer.bpe = std::make_shared<Bpe>(parse_bpe_files(tokenizer.files));
  const TensorInfo* input = narrowest_input(model);
  if (input != nullptr && input->classes < tokenizer.bpe->size()) {
    throw DataError(fmt::format("{}: {} tokens, but {} was generated for {}; {}", folder,
                                tokenizer.bpe->size(), model.name, input->classes,
                                classes_remedy(*input, tokenizer.bpe->size())));
  }
  return {.tokenizer = std::move(tokenizer), .characters = {}, .owner = folder};
}

Alphabet stored_characters(const core::Model& model, const std::optional<std::string>& text,
                           const std::string& path, const std::string& owner) {
  if (!text) throw DataError(fmt::format("{}: its metadata has no \"vocabulary\"", path));
  Vocabulary vocabulary = Vocabulary::from_text(has_boundary(model), *text, path);
  const TensorInfo* input = narrowest_input(model);
  if (input != nullptr && input->classes < vocabulary.size()) {
    throw DataError(fmt::format("{}: {} characters, but {} was generated for {}", path,
                                vocabulary.size(), model.name, input->classes));
  }
  return {.tokenizer = {}, .characters = std::move(vocabulary), .owner = owner};
}

void require_text(const core::Model& model, const std::optional<std::string>& tokenizer) {
  if (!tokenizer || is_text(model)) return;
  throw UsageError(fmt::format("--tokenizer {}: {} reads no text", *tokenizer, model.name));
}

}  // namespace

std::shared_ptr<Tokenizer> make_tokenizer(const Alphabet& alphabet) {
  if (alphabet.tokenizer) return alphabet.tokenizer->bpe;
  return std::make_shared<CharacterTokenizer>(*alphabet.characters);
}

Alphabet new_alphabet(const core::Model& model, const std::optional<std::string>& tokenizer) {
  require_text(model, tokenizer);
  return tokenizer ? open_tokenizer(model, *tokenizer) : Alphabet{};
}

Alphabet run_alphabet(const core::Model& model, const RunFacts& facts, const std::string& folder,
                      const std::optional<std::string>& tokenizer) {
  require_text(model, tokenizer);
  if (!has_characters(model)) return {};
  if (!facts.tokenizer_hash) {
    if (tokenizer) {
      throw UsageError(
          fmt::format("--tokenizer {}: {} was trained on characters", *tokenizer, folder));
    }
    return stored_characters(model, facts.vocabulary, checkpoint_path(folder), folder);
  }
  Alphabet alphabet = open_tokenizer(model, tokenizer.value_or(folder));
  if (alphabet.tokenizer->files.hash() != *facts.tokenizer_hash) {
    throw DataError(fmt::format("{}: not the tokenizer that {} was trained with", alphabet.owner,
                                checkpoint_path(folder)));
  }
  return alphabet;
}

Alphabet weights_alphabet(const core::Model& model, const Weights& weights,
                          const std::optional<std::string>& tokenizer) {
  require_text(model, tokenizer);
  if (!has_characters(model)) return {};
  if (tokenizer) return open_tokenizer(model, *tokenizer);
  if (is_text(model) && !weights.vocabulary()) {
    if (holds_bpe_files(weights.folder())) return open_tokenizer(model, weights.folder());
    throw DataError(fmt::format("{}: no tokenizer lies beside it; --tokenizer FOLDER gives one",
                                weights.path()));
  }
  return stored_characters(model, weights.vocabulary(), weights.path(), weights.path());
}

}  // namespace gradc::app
