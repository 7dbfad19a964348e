// The data set `lines`: one item a line, such as a name; the model predicts each character, and the
// end, from the `window` tokens before it.
#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace gradc::app {
namespace {

constexpr std::int32_t kBoundaryToken = 0;

// All items lie in one array, `window` boundaries between two, so that the context of any token is
// simply what stands before it:
//
//   window 3    . . . a n n . . . b o . . .
//   examples          ^ ^ ^ ^     ^ ^ ^
class Lines final : public Dataset {
 public:
  Lines(const core::Model& model, const Source& source, const DatasetOptions& options);

  std::int64_t examples(Split split) const override {
    return static_cast<std::int64_t>(targets(split).size());
  }

  void fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const override {
    switch (window_) {  // a constant window becomes plain stores
      case 1:
        return fill_windows<1>(split, examples, arena);
      case 3:
        return fill_windows<3>(split, examples, arena);
      case 8:
        return fill_windows<8>(split, examples, arena);
      default:
        return fill_windows<0>(split, examples, arena);
    }
  }

  void prefetch(Split split, std::span<const std::uint32_t> examples) const override {
    const std::uint32_t* targets = targets_[static_cast<int>(split)].data();
    for (const std::uint32_t example : examples) __builtin_prefetch(targets + example);
  }

  const Vocabulary* vocabulary() const override { return &vocabulary_; }

  std::string summary() const override {
    return fmt::format("{} lines, {} examples, {} characters with the boundary", grouped(items_),
                       grouped(total_), vocabulary_.size());
  }

 private:
  const std::vector<std::uint32_t>& targets(Split split) const {
    return targets_[static_cast<int>(split)];
  }

  template <int kWindow>
  void fill_windows(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const {
    const std::int64_t window = kWindow > 0 ? kWindow : window_;
    const std::uint32_t* targets = targets_[static_cast<int>(split)].data();
    const std::int64_t row = context_->strides[0];
    const std::int64_t column = context_->rank > 1 ? context_->strides[1] : 0;
    const std::int64_t target_stride = target_->strides[0];
    auto* context = data_of<std::int32_t>(arena, *context_);
    auto* target = data_of<std::int32_t>(arena, *target_);
    for (const std::uint32_t example : examples) {
      const std::int32_t* at = tokens_.data() + targets[example];
      for (std::int64_t i = 0; i < window; ++i) context[i * column] = at[i - window];
      *target = *at;
      context += row;
      target += target_stride;
    }
  }

  void encode(const Source& source, const DatasetOptions& options,
              std::vector<std::pair<std::size_t, std::size_t>>& items);

  std::int64_t window_;
  const core::TensorInfo* context_;
  const core::TensorInfo* target_;
  Vocabulary vocabulary_{true, {}};
  std::vector<std::int32_t> tokens_;
  std::vector<std::uint32_t> targets_[kSplits];  // places in tokens_
  std::int64_t items_ = 0;
  std::int64_t total_ = 0;
};

Lines::Lines(const core::Model& model, const Source& source, const DatasetOptions& options)
    : window_(std::max<std::int64_t>(1, model.dataset.window)) {
  const auto inputs =
      bind_inputs(model, "lines",
                  {{"context", InputType::kTokens, {window_}}, {"target", InputType::kTokens, {}}});
  context_ = inputs[0];
  target_ = inputs[1];

  require_utf8_text(source.bytes, source.name);
  if (options.vocabulary) {
    vocabulary_ = *options.vocabulary;
  } else {
    const auto uses = characters_of(without_byte_order_mark(source.bytes), false);
    std::vector<char32_t> characters;
    for (const CharacterUse& use : uses) characters.push_back(use.character);
    vocabulary_ = Vocabulary(true, std::move(characters));
    const auto* narrower = context_->classes < target_->classes ? context_ : target_;
    require_classes(model, *narrower, source, uses, vocabulary_, true);
  }

  std::vector<std::pair<std::size_t, std::size_t>> items;  // first token, one past the last
  encode(source, options, items);
  items_ = static_cast<std::int64_t>(items.size());
  require_items(model, source, items.size(), "line");
  if (tokens_.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw DataError(fmt::format("{}: more characters than can be numbered", source.name));
  }
  const SplitItems split = split_items(model, items.size(), options.seed);
  for (int part = 0; part < kSplits; ++part) {
    for (const std::uint32_t item : split.of[part]) {
      // The token after the last is the boundary that ends the item.
      for (std::size_t at = items[item].first; at <= items[item].second; ++at) {
        targets_[part].push_back(static_cast<std::uint32_t>(at));
      }
    }
    total_ += static_cast<std::int64_t>(targets_[part].size());
  }
}

void Lines::encode(const Source& source, const DatasetOptions& options,
                   std::vector<std::pair<std::size_t, std::size_t>>& items) {
  const std::string_view text = without_byte_order_mark(source.bytes);
  const auto pad = [&] {
    tokens_.insert(tokens_.end(), static_cast<std::size_t>(window_), kBoundaryToken);
  };
  tokens_.reserve(text.size() + static_cast<std::size_t>(window_));
  pad();
  Place place;
  std::size_t first = tokens_.size();
  const auto end_item = [&] {
    if (tokens_.size() == first) return;  // an empty line is no item
    items.emplace_back(first, tokens_.size());
    pad();
    first = tokens_.size();
  };
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text.substr(i));
    i += static_cast<std::size_t>(point.length);
    if (point.value == U'\n') {
      end_item();
      place = {place.line + 1, 1};
      continue;
    }
    const bool return_of_line = point.value == U'\r' && i < text.size() && text[i] == '\n';
    if (!return_of_line) {
      const std::int32_t token = vocabulary_.token(point.value);
      if (token < 0) {
        fail_unknown_character(source, place, point.value, vocabulary_, options.vocabulary_owner);
      }
      tokens_.push_back(token);
    }
    ++place.column;
  }
  end_item();
}

}  // namespace

std::unique_ptr<Dataset> make_lines(const core::Model& model, const Source& source,
                                    const DatasetOptions& options) {
  return std::make_unique<Lines>(model, source, options);
}

}  // namespace gradc::app
