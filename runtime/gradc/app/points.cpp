#include <gradc/app/points.h>

namespace gradc::app {

using core::Element;

void Points::fill(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const {
  const bool f64 = features_->element == Element::kF64;
  const bool classes = label_->element == Element::kI32;
  if (f64 && classes) return fill_as<double, std::int32_t>(split, examples, arena);
  if (f64) return fill_as<double, double>(split, examples, arena);
  if (classes) return fill_as<float, std::int32_t>(split, examples, arena);
  return fill_as<float, float>(split, examples, arena);
}

template <class Real, class Label>
void Points::fill_as(Split split, std::span<const std::uint32_t> examples, std::byte* arena) const {
  const std::uint32_t* rows = split_.of[static_cast<int>(split)].data();
  const std::int64_t stride = features_->rank > 1 ? features_->strides[1] : 0;
  auto* features = data_of<Real>(arena, *features_);
  auto* label = data_of<Label>(arena, *label_);
  for (const std::uint32_t example : examples) {
    const double* row = values_.data() + rows[example] * (columns_ + 1);
    for (std::int64_t i = 0; i < columns_; ++i) features[i * stride] = static_cast<Real>(row[i]);
    *label = static_cast<Label>(row[columns_]);
    features += features_->strides[0];
    label += label_->strides[0];
  }
}

}  // namespace gradc::app
