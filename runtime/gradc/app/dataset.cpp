#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/made_pairs.h>

#include <algorithm>
#include <limits>

namespace gradc::app {
namespace {

using Kind = core::DatasetInfo::Kind;

// A model without inputs has one example: itself.
class NoData final : public Dataset {
 public:
  std::int64_t examples(Split split) const override { return split == Split::kTrain ? 1 : 0; }
  void fill(Split, std::span<const std::uint32_t>, std::byte*) const override {}
  std::string summary() const override { return "no data"; }
};

}  // namespace

bool reads_data(const core::Model& model) {
  const Kind kind = model.dataset.kind;
  return has_boundary(model) || kind == Kind::kText || kind == Kind::kCsv;
}

std::optional<Source> built_in_data(const core::Model& model, std::uint64_t seed) {
  if (model.dataset.kind == Kind::kPairs) {
    return Source(std::string(kBuiltInPairs), make_pairs_text(seed, model.dataset.examples));
  }
  if (has_boundary(model)) return built_in_names();
  return {};
}

bool has_boundary(const core::Model& model) {
  return model.dataset.kind == Kind::kLines || model.dataset.kind == Kind::kItems ||
         model.dataset.kind == Kind::kPairs;
}

std::unique_ptr<Dataset> make_dataset(const core::Model& model, const Source& source,
                                      const DatasetOptions& options) {
  switch (model.dataset.kind) {
    case Kind::kLines:
      return make_lines(model, source, options);
    case Kind::kItems:
      return make_items(model, source, options);
    case Kind::kText:
      return make_text(model, source, options);
    case Kind::kCsv:
      return make_csv(model, source, options);
    case Kind::kMoons:
      return make_moons(model, options);
    case Kind::kPairs:
      return make_pairs(model, source, options);
    case Kind::kNone:
      break;
  }
  if (!tensors_of(model, core::Role::kInput).empty()) {
    throw DataError(fmt::format("the model {} ({}) has inputs but names no data set to feed them",
                                model.name, model.source));
  }
  return std::make_unique<NoData>();
}

SplitItems split_items(const core::Model& model, std::size_t items, std::uint64_t seed) {
  SplitItems split;
  const std::vector<std::uint32_t> order = draw_permutation({seed, kSplitStream}, items);
  const std::size_t train = model.dataset.split ? items * 8 / 10 : items;
  const std::size_t dev = model.dataset.split ? items * 9 / 10 : items;
  const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
  split.of[0].assign(order.begin(), at(train));
  split.of[1].assign(at(train), at(dev));
  split.of[2].assign(at(dev), order.end());
  for (auto& part : split.of) std::ranges::sort(part);
  return split;
}

void require_items(const core::Model& model, const Source& source, std::size_t items,
                   const char* noun) {
  constexpr std::size_t kSplittable = 10;
  const std::size_t least = model.dataset.split ? kSplittable : 1;
  if (items < least) {
    throw DataError(fmt::format("{}: {} {}{}, but {} needs at least {}{}", source.name, items, noun,
                                items == 1 ? "" : "s", model.name, least,
                                model.dataset.split ? " to train, tune and test on" : ""));
  }
  if (items > std::numeric_limits<std::uint32_t>::max()) {
    throw DataError(fmt::format("{}: {} {}s, more than can be numbered", source.name, items, noun));
  }
}

}  // namespace gradc::app
