// The data set `pairs`: a source and the target that the model is to make of it, one a line.
//
//   source 6, window 4     source  t e n . . .     length  3
//                          tokens  . 1 0 .         target  1 0 . .     weight  1 1 1 0
//
// Pairs of one target are in one split: what is held out was not seen in another form. A pair that
// comes several times is trained on as often, but held out once.
#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/pair_lines.h>

#include <algorithm>
#include <map>

namespace gradc::app {
namespace {

class Pairs final : public Dataset, private PairTexts {
 public:
  Pairs(const core::Model& model, const Source& source, const DatasetOptions& options);

  std::int64_t examples(Split split) const override {
    return static_cast<std::int64_t>(chosen_[static_cast<int>(split)].size());
  }

  void fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const override;

  double weight(Split split, std::span<const std::uint32_t> examples) const override {
    std::size_t targets = 0;
    for (const std::uint32_t example : examples) targets += target(split, example).size() + 1;
    return static_cast<double>(targets);
  }

  const Vocabulary* vocabulary() const override { return &all_.vocabulary; }
  const PairTexts* pairs() const override { return this; }

  std::string summary() const override {
    return fmt::format("{} pairs, {} characters with the boundary",
                       grouped(static_cast<std::int64_t>(all_.pairs.size())),
                       all_.vocabulary.size());
  }

 private:
  const PairLines::Pair& pair(Split split, std::uint32_t example) const {
    return all_.pairs[chosen_[static_cast<int>(split)][example]];
  }
  std::span<const std::int32_t> source(Split split, std::uint32_t example) const override {
    return all_.source(pair(split, example));
  }
  std::span<const std::int32_t> target(Split split, std::uint32_t example) const override {
    return all_.target(pair(split, example));
  }

  std::size_t room_, window_;  // of a source and of a target
  const core::TensorInfo *source_, *length_, *tokens_, *target_, *weight_;
  PairLines all_;
  std::vector<std::uint32_t> chosen_[kSplits];  // of all_.pairs
};

Pairs::Pairs(const core::Model& model, const Source& source, const DatasetOptions& options)
    : room_(static_cast<std::size_t>(model.dataset.source)),
      window_(static_cast<std::size_t>(model.dataset.window)) {
  using enum InputType;
  const std::int64_t window = model.dataset.window;
  const auto inputs = bind_inputs(model, "pairs",
                                  {{"source", kTokens, {model.dataset.source}},
                                   {"length", kTokens, {}},
                                   {"tokens", kTokens, {window}},
                                   {"target", kTokens, {window}},
                                   {"weight", kReal, {window}}});
  source_ = inputs[0];
  length_ = inputs[1];
  tokens_ = inputs[2];
  target_ = inputs[3];
  weight_ = inputs[4];
  if (length_->classes <= model.dataset.source) {
    throw DataError(fmt::format(
        "the model {} ({}) does not go with its data set pairs: its input \"length\" ({}) has {} "
        "classes, but a source of {} has {} lengths",
        model.name, model.source, length_->source, length_->classes, model.dataset.source,
        model.dataset.source + 1));
  }
  const auto fewer = [](const core::TensorInfo* a, const core::TensorInfo* b) {
    return a->classes < b->classes;
  };
  const core::TensorInfo* narrowest = std::min({source_, tokens_, target_}, fewer);
  all_ = read_pair_lines(model, *narrowest, source, options);

  std::map<std::vector<std::int32_t>, std::vector<std::uint32_t>> by_target;
  std::vector<std::vector<std::uint32_t>*> groups;  // in the order of their first pair
  for (std::uint32_t i = 0; i < all_.pairs.size(); ++i) {
    const auto target = all_.target(all_.pairs[i]);
    std::vector<std::uint32_t>& group = by_target[{target.begin(), target.end()}];
    if (group.empty()) groups.push_back(&group);
    group.push_back(i);
  }
  require_items(model, source, groups.size(), "distinct target");
  const SplitItems split = split_items(model, groups.size(), options.seed);
  const auto source_of = [&](std::uint32_t i) { return all_.source(all_.pairs[i]); };
  for (int part = 0; part < kSplits; ++part) {
    for (const std::uint32_t number : split.of[part]) {
      std::vector<std::uint32_t>& group = *groups[number];
      if (part != 0) {
        std::ranges::stable_sort(group, std::ranges::lexicographical_compare, source_of);
        const auto repeated = std::ranges::unique(group, std::ranges::equal, source_of);
        group.erase(repeated.begin(), repeated.end());
      }
      chosen_[part].insert(chosen_[part].end(), group.begin(), group.end());
    }
    std::ranges::sort(chosen_[part]);
  }
}

void Pairs::fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const {
  const auto row = [&](const core::TensorInfo& tensor, std::size_t slot) {
    return data_of<std::int32_t>(arena, tensor) +
           static_cast<std::int64_t>(slot) * tensor.strides[0];
  };
  const auto weigh = [&](std::size_t slot, std::size_t place, bool counts) {
    const std::int64_t at =
        static_cast<std::int64_t>(slot) * weight_->strides[0] + static_cast<std::int64_t>(place);
    if (weight_->element == core::Element::kF64)
      data_of<double>(arena, *weight_)[at] = counts;
    else
      data_of<float>(arena, *weight_)[at] = counts ? 1.0F : 0.0F;
  };
  for (std::size_t slot = 0; slot < examples.size(); ++slot) {
    const auto from = source(split, examples[slot]), to = target(split, examples[slot]);
    std::int32_t* const sources = row(*source_, slot);
    std::ranges::copy(from, sources);
    std::fill(sources + from.size(), sources + room_, kBoundaryToken);
    *row(*length_, slot) = static_cast<std::int32_t>(from.size());
    std::int32_t *const tokens = row(*tokens_, slot), *const targets = row(*target_, slot);
    tokens[0] = kBoundaryToken;
    std::copy(to.begin(), to.end(), tokens + 1);
    std::fill(tokens + to.size() + 1, tokens + window_, kBoundaryToken);
    std::ranges::copy(to, targets);
    std::fill(targets + to.size(), targets + window_, kBoundaryToken);
    for (std::size_t i = 0; i < window_; ++i) weigh(slot, i, i <= to.size());
  }
}

}  // namespace

std::unique_ptr<Dataset> make_pairs(const core::Model& model, const Source& source,
                                    const DatasetOptions& options) {
  return std::make_unique<Pairs>(model, source, options);
}

}  // namespace gradc::app
