// The data set `items`: one item a line, such as a name, as a sequence of its own; the model
// predicts each character from those before it, and after the last the end.
//
//   window 6     tokens  . a n n a .     target  a n n a . .     weight  1 1 1 1 1 0
//
// A model with the input "position" gets several items in a row:
//
//   window 8     tokens  . a n n a . b o     target  a n n a . b o .     position  0 1 2 3 4 0 1 2
#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/line_items.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <numeric>

namespace gradc::app {
namespace {

class Items final : public Dataset {
 public:
  Items(const core::Model& model, const Source& source, const DatasetOptions& options);

  std::int64_t examples(Split split) const override {
    return static_cast<std::int64_t>(rows_[static_cast<int>(split)].size()) - 1;
  }

  void fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const override {
    const auto start = [&](const core::TensorInfo* tensor, std::size_t slot) {
      return static_cast<std::int64_t>(slot) * tensor->strides[0];
    };
    auto* tokens = data_of<std::int32_t>(arena, *tokens_);
    auto* targets = data_of<std::int32_t>(arena, *target_);
    auto* position = position_ == nullptr ? nullptr : data_of<std::int32_t>(arena, *position_);
    const auto weigh = [&](std::int64_t at, bool counts) {
      if (weight_->element == core::Element::kF64)
        data_of<double>(arena, *weight_)[at] = counts;
      else
        data_of<float>(arena, *weight_)[at] = counts ? 1.0F : 0.0F;
    };
    for (std::size_t slot = 0; slot < examples.size(); ++slot) {
      const std::int64_t token = start(tokens_, slot), target = start(target_, slot),
                         weight = start(weight_, slot);
      const std::int64_t begin = position == nullptr ? 0 : start(position_, slot);
      std::int64_t i = 0;
      for (const Item& item : row(split, examples[slot])) {
        for (std::size_t k = item.first; k <= item.second; ++k, ++i) {
          tokens[token + i] = all_.tokens[k - 1];
          targets[target + i] = all_.tokens[k];
          weigh(weight + i, true);
          if (position != nullptr) position[begin + i] = static_cast<std::int32_t>(k - item.first);
        }
      }
      for (; i < window_; ++i) {
        tokens[token + i] = targets[target + i] = kBoundaryToken;
        weigh(weight + i, false);
        if (position != nullptr) position[begin + i] = 0;
      }
    }
  }

  double weight(Split split, std::span<const std::uint32_t> examples) const override {
    std::size_t targets = 0;
    for (const std::uint32_t example : examples)
      for (const Item& item : row(split, example)) targets += positions(item);
    return static_cast<double>(targets);
  }

  const Vocabulary* vocabulary() const override { return &all_.vocabulary; }

  std::string summary() const override {
    std::int64_t rows = 0;
    for (const auto& starts : rows_) rows += static_cast<std::int64_t>(starts.size()) - 1;
    const auto items = static_cast<std::int64_t>(all_.items.size());
    return fmt::format("{} lines{}, {} characters with the boundary", grouped(items),
                       position_ == nullptr ? "" : fmt::format(" in {} rows", grouped(rows)),
                       all_.vocabulary.size());
  }

 private:
  using Item = std::pair<std::size_t, std::size_t>;

  static std::size_t positions(const Item& item) { return item.second - item.first + 1; }

  std::span<const Item> row(Split split, std::uint32_t example) const {
    const auto& starts = rows_[static_cast<int>(split)];
    return std::span(items_).subspan(starts[example], starts[example + 1] - starts[example]);
  }

  void arrange(std::vector<std::uint32_t> chosen, std::vector<std::uint32_t>& starts,
               std::uint64_t seed);

  std::int64_t window_;
  const core::TensorInfo* tokens_;
  const core::TensorInfo* target_;
  const core::TensorInfo* weight_;
  const core::TensorInfo* position_ = nullptr;
  LineItems all_;
  std::vector<Item> items_;                   // by split, by row
  std::vector<std::uint32_t> rows_[kSplits];  // where each row begins in items_, and the end
};

Items::Items(const core::Model& model, const Source& source, const DatasetOptions& options)
    : window_(model.dataset.window) {
  using enum InputType;
  const bool packs = find_tensor(model, core::Role::kInput, "position") != nullptr;
  const auto inputs = packs ? bind_inputs(model, "items",
                                          {{"tokens", kTokens, {window_}},
                                           {"target", kTokens, {window_}},
                                           {"weight", kReal, {window_}},
                                           {"position", kTokens, {window_}}})
                            : bind_inputs(model, "items",
                                          {{"tokens", kTokens, {window_}},
                                           {"target", kTokens, {window_}},
                                           {"weight", kReal, {window_}}});
  tokens_ = inputs[0];
  target_ = inputs[1];
  weight_ = inputs[2];
  if (packs) position_ = inputs[3];

  const auto* narrowest = tokens_->classes < target_->classes ? tokens_ : target_;
  all_ = read_line_items(model, *narrowest, source, options, 1);
  for (const Item& item : all_.items) {
    if (static_cast<std::int64_t>(positions(item)) <= window_) continue;
    std::string text;
    for (std::size_t k = item.first; k < item.second; ++k)
      append_utf8(all_.vocabulary.character(all_.tokens[k]), text);
    throw DataError(
        fmt::format("{}: \"{}\" takes {} positions with its end, but {} was generated for {}; {}",
                    source.name, shortened(text), positions(item), model.name, window_,
                    remedy(model.dataset.window_option, static_cast<std::int64_t>(positions(item)),
                           "declare a longer window")));
  }
  const SplitItems split = split_items(model, all_.items.size(), options.seed);
  for (int part = 0; part < kSplits; ++part) arrange(split.of[part], rows_[part], options.seed);
}

// Puts items into rows: each one into a row of its own, or, drawn in random order so that no row is
// of a kind, each into the fullest of the open rows that has room for it.
void Items::arrange(std::vector<std::uint32_t> chosen, std::vector<std::uint32_t>& starts,
                    std::uint64_t seed) {
  std::vector<std::vector<std::uint32_t>> rows;
  if (position_ == nullptr) {
    for (const std::uint32_t item : chosen) rows.push_back({item});
  } else {
    const auto order = draw_permutation({seed, kSplitStream}, chosen.size());
    std::vector<std::vector<std::uint32_t>> open(static_cast<std::size_t>(window_) + 1);
    for (const std::uint32_t i : order) {
      const std::uint32_t item = chosen[i];
      const std::size_t size = positions(all_.items[item]);
      std::size_t room = size;
      while (room < open.size() && open[room].empty()) ++room;
      std::uint32_t row = static_cast<std::uint32_t>(rows.size());
      if (room < open.size()) {
        row = open[room].back();
        open[room].pop_back();
      } else {
        room = static_cast<std::size_t>(window_);
        rows.emplace_back();
      }
      rows[row].push_back(item);
      open[room - size].push_back(row);
    }
  }
  for (const auto& row : rows) {
    starts.push_back(static_cast<std::uint32_t>(items_.size()));
    for (const std::uint32_t item : row) items_.push_back(all_.items[item]);
  }
  starts.push_back(static_cast<std::uint32_t>(items_.size()));
}

}  // namespace

std::unique_ptr<Dataset> make_items(const core::Model& model, const Source& source,
                                    const DatasetOptions& options) {
  return std::make_unique<Items>(model, source, options);
}

}  // namespace gradc::app
