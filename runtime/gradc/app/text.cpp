// The data set `text`: one stream of tokens, characters or those of a stored vocabulary; the model
// predicts each from those before it within a window. The first 80 of a hundred tokens are for
// training, the next 10 and the last 10 for tuning and testing: a shuffled stream would be none.
#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/token_store.h>
#include <gradc/app/utf8.h>

namespace gradc::app {
namespace {

class Text final : public Dataset {
 public:
  Text(const core::Model& model, const Source& source, const DatasetOptions& options);

  // Example i: tokens i * step .. i * step + window - 1, and the targets one further on.
  std::int64_t examples(Split split) const override {
    const int part = static_cast<int>(split);
    const std::int64_t length = start_[part + 1] - start_[part];
    return length > window_ ? (length - window_ - 1) / step_ + 1 : 0;
  }

  // Windows side by side hold each target once.
  std::int64_t evaluation_stride() const override { return (window_ + step_ - 1) / step_; }

  void fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const override {
    const std::int64_t start = start_[static_cast<int>(split)];
    auto* input = data_of<std::int32_t>(arena, *input_);
    auto* target = data_of<std::int32_t>(arena, *target_);
    const auto stride = [](const core::TensorInfo& tensor) {
      return tensor.rank > 1 ? tensor.strides[1] : 0;
    };
    const std::int64_t input_stride = stride(*input_);
    const std::int64_t target_stride = stride(*target_);
    store_->with_tokens([&](const auto* tokens) {
      for (const std::uint32_t example : examples) {
        const auto* at = tokens + start + step_ * static_cast<std::int64_t>(example);
        for (std::int64_t i = 0; i < window_; ++i) {
          input[i * input_stride] = at[i];
          target[i * target_stride] = at[i + 1];
        }
        input += input_->strides[0];
        target += target_->strides[0];
      }
    });
  }

  const Vocabulary* vocabulary() const override { return vocabulary_ ? &*vocabulary_ : nullptr; }

  std::string summary() const override {
    return vocabulary_
               ? fmt::format("{} characters, {} distinct", grouped(store_->size()),
                             vocabulary_->size())
               : fmt::format("{} tokens of {}", grouped(store_->size()), grouped(known_tokens_));
  }

 private:
  void choose_vocabulary(const core::Model& model, const Source& source,
                         const DatasetOptions& options);
  void encode(const Source& source, const DatasetOptions& options);

  std::int64_t window_;
  const core::TensorInfo* input_;
  const core::TensorInfo* target_;
  std::optional<Vocabulary> vocabulary_;  // of characters
  std::int64_t known_tokens_ = 0;         // otherwise
  std::unique_ptr<TokenStore> store_;
  std::int64_t start_[kSplits + 1];
  std::int64_t step_;  // 1, or more for a text of more examples than can be numbered
};

Text::Text(const core::Model& model, const Source& source, const DatasetOptions& options)
    : window_(model.dataset.window) {
  if (window_ < 1) {
    throw DataError(fmt::format("the model {} ({}) asks for the data set text without a window",
                                model.name, model.source));
  }
  const auto inputs = bind_inputs(
      model, "text",
      {{"tokens", InputType::kTokens, {window_}}, {"target", InputType::kTokens, {window_}}});
  input_ = inputs[0];
  target_ = inputs[1];

  require_utf8_text(source.bytes, source.name);
  choose_vocabulary(model, source, options);
  encode(source, options);

  const std::int64_t length = store_->size();
  const char* noun = vocabulary_ ? "characters" : "tokens";
  step_ = 1 + length / options.most_examples;
  const std::int64_t train = model.dataset.split ? length * 8 / 10 : length;
  const std::int64_t dev = model.dataset.split ? length * 9 / 10 : length;
  const std::int64_t starts[kSplits + 1] = {0, train, dev, length};
  std::copy(std::begin(starts), std::end(starts), start_);
  const std::int64_t least = (window_ + 1) * (model.dataset.split ? 10 : 1);
  if (length < least) {
    throw DataError(fmt::format("{}: {} {}, but {} with its window of {} needs at least {}",
                                source.name, length, noun, model.name, window_, least));
  }
}

void Text::choose_vocabulary(const core::Model& model, const Source& source,
                             const DatasetOptions& options) {
  if (options.bpe) return;
  if (options.vocabulary) {
    vocabulary_ = *options.vocabulary;
    return;
  }
  const auto uses = characters_of(without_byte_order_mark(source.bytes), true);
  std::vector<char32_t> characters;
  for (const CharacterUse& use : uses) characters.push_back(use.character);
  vocabulary_ = Vocabulary(false, std::move(characters));
  const auto* narrower = input_->classes < target_->classes ? input_ : target_;
  require_classes(model, *narrower, source, uses, *vocabulary_, false);
}

void Text::encode(const Source& source, const DatasetOptions& options) {
  const std::string_view text = without_byte_order_mark(source.bytes);
  std::optional<CharacterTokenizer> characters;
  if (vocabulary_) characters.emplace(*vocabulary_);
  Tokenizer& tokenizer = vocabulary_ ? static_cast<Tokenizer&>(*characters) : *options.bpe;
  known_tokens_ = tokenizer.size();
  store_ = std::make_unique<TokenStore>(tokenizer.size(), options.scratch_folder);
  const std::size_t covered =
      tokenizer.encode(text, [&](std::span<const std::int32_t> tokens) { store_->append(tokens); });
  if (covered < text.size()) {
    fail_without_token(source.name, text, covered, tokenizer, options.vocabulary_owner);
  }
  store_->finish();
}

}  // namespace

std::unique_ptr<Dataset> make_text(const core::Model& model, const Source& source,
                                   const DatasetOptions& options) {
  return std::make_unique<Text>(model, source, options);
}

}  // namespace gradc::app
