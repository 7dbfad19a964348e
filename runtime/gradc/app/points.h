// Rows of real features with a label each: what `csv` reads and `moons` makes.
#pragma once

#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>

#include <string>
#include <utility>
#include <vector>

namespace gradc::app {

class Points final : public Dataset {
 public:
  // `values` has `columns` features and a label for each row.
  Points(const core::Model& model, const core::TensorInfo* features, const core::TensorInfo* label,
         std::vector<double> values, std::uint64_t seed, std::string summary)
      : features_(features),
        label_(label),
        columns_(features->rank > 1 ? features->shape[1] : 1),
        values_(std::move(values)),
        split_(split_items(model, values_.size() / static_cast<std::size_t>(columns_ + 1), seed)),
        summary_(std::move(summary)) {}

  std::int64_t examples(Split split) const override {
    return static_cast<std::int64_t>(split_.of[static_cast<int>(split)].size());
  }

  void fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const override;

  std::string summary() const override { return summary_; }

 private:
  template <class Real, class Label>
  void fill_as(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const;

  const core::TensorInfo* features_;
  const core::TensorInfo* label_;
  std::int64_t columns_;
  std::vector<double> values_;
  SplitItems split_;
  std::string summary_;
};

}  // namespace gradc::app
