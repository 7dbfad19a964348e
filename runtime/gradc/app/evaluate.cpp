#include <gradc/app/evaluate.h>

#include <algorithm>

namespace gradc::app {

Evaluation evaluate(Instance& instance, const Dataset& dataset, Split split, std::int64_t limit,
                    core::Team& team) {
  const core::Model& model = instance.model();
  const std::int64_t stride = dataset.evaluation_stride();
  const std::int64_t available = (dataset.examples(split) + stride - 1) / stride;
  const std::int64_t examples = limit > 0 ? std::min(limit, available) : available;

  std::vector<const core::TensorInfo*> scalars;
  if (instance.loss() != nullptr) scalars.push_back(instance.loss());
  for (const core::TensorInfo* output : tensors_of(model, core::Role::kOutput)) {
    if (is_scalar(*output) && output->batch_axis < 0 && output != instance.loss()) {
      scalars.push_back(output);
    }
  }

  Evaluation evaluation{.examples = examples};
  for (const core::TensorInfo* scalar : scalars) evaluation.averages.push_back({scalar->name});
  double total = 0;
  std::vector<std::uint32_t> chosen;
  chosen.reserve(static_cast<std::size_t>(model.max_batch));
  for (std::int64_t first = 0; first < examples; first += model.max_batch) {
    chosen.clear();
    for (std::int64_t i = first; i < std::min(examples, first + model.max_batch); ++i) {
      const auto spread = static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(available) /
                          static_cast<std::uint64_t>(examples);
      chosen.push_back(static_cast<std::uint32_t>(spread * static_cast<std::uint64_t>(stride)));
    }
    dataset.fill(split, chosen, instance.arena());
    model.evaluate.run(instance.arena(), static_cast<std::int64_t>(chosen.size()), team);
    const double weight = dataset.weight(split, chosen);
    total += weight;
    for (std::size_t k = 0; k < scalars.size(); ++k) {
      evaluation.averages[k].value += scalar_of(instance.arena(), *scalars[k]) * weight;
    }
  }
  for (Average& average : evaluation.averages) {
    if (total > 0) average.value /= total;
  }
  return evaluation;
}

}  // namespace gradc::app
