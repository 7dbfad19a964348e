// The data set `lines`: one item a line, such as a name; the model predicts each character, and the
// end, from the `window` tokens before it.
#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/instance.h>
#include <gradc/app/line_items.h>

#include <algorithm>
#include <utility>

namespace gradc::app {
namespace {

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

  const auto* narrowest = context_->classes < target_->classes ? context_ : target_;
  LineItems all = read_line_items(model, *narrowest, source, options, window_);
  vocabulary_ = std::move(all.vocabulary);
  tokens_ = std::move(all.tokens);
  const auto& items = all.items;
  items_ = static_cast<std::int64_t>(items.size());
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

}  // namespace

std::unique_ptr<Dataset> make_lines(const core::Model& model, const Source& source,
                                    const DatasetOptions& options) {
  return std::make_unique<Lines>(model, source, options);
}

}  // namespace gradc::app
