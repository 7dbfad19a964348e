#include "models/runner.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gradc::test {
namespace {

std::int64_t extent_of(const core::TensorInfo& tensor, int axis, std::int64_t batch) {
  return axis == tensor.batch_axis ? batch : tensor.shape[axis];
}

// Calls visit(address, i) with the address of each element i of the row-major order.
template <class Visit>
void for_each_element(const core::TensorInfo& tensor, std::int64_t batch, std::byte* arena,
                      Visit visit) {
  const std::int64_t count = elements_of(tensor, batch);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i, place = 0;
    for (int axis = tensor.rank - 1; axis >= 0; --axis) {
      const std::int64_t extent = extent_of(tensor, axis, batch);
      place += rest % extent * tensor.strides[axis];
      rest /= extent;
    }
    visit(arena + tensor.offset + place * bytes_of(tensor.element), static_cast<std::size_t>(i));
  }
}

void store(core::Element element, std::byte* to, double value) {
  switch (element) {
    case core::Element::kF32:
      *reinterpret_cast<float*>(to) = static_cast<float>(value);
      break;
    case core::Element::kF64:
      *reinterpret_cast<double*>(to) = value;
      break;
    case core::Element::kI32:
      *reinterpret_cast<std::int32_t*>(to) = static_cast<std::int32_t>(value);
      break;
  }
}

double load(core::Element element, const std::byte* from) {
  switch (element) {
    case core::Element::kF32:
      return *reinterpret_cast<const float*>(from);
    case core::Element::kF64:
      return *reinterpret_cast<const double*>(from);
    case core::Element::kI32:
      return *reinterpret_cast<const std::int32_t*>(from);
  }
  return 0;
}

}  // namespace

std::int64_t elements_of(const core::TensorInfo& tensor, std::int64_t batch) {
  std::int64_t count = 1;
  for (int axis = 0; axis < tensor.rank; ++axis) count *= extent_of(tensor, axis, batch);
  return count;
}

Runner::Runner(const core::Model& model, int threads)
    : model_(&model),
      arena_(static_cast<std::size_t>(std::max(model.arena_bytes, model.check_arena_bytes))),
      team_(std::make_unique<core::Team>(threads)) {
  for (const core::TensorInfo& tensor : model.tensors) {
    if (tensor.role == core::Role::kSetting) write(tensor, {&tensor.initializer.a, 1}, 1);
  }
}

const core::TensorInfo* Runner::find(core::Role role, std::string_view name) const {
  for (const core::TensorInfo& tensor : model_->tensors) {
    if (tensor.role == role && tensor.name == name) return &tensor;
  }
  return nullptr;
}

void Runner::write(const core::TensorInfo& tensor, std::span<const double> values,
                   std::int64_t batch) {
  if (static_cast<std::int64_t>(values.size()) != elements_of(tensor, batch)) {
    throw std::invalid_argument(std::string(tensor.name) + " takes " +
                                std::to_string(elements_of(tensor, batch)) + " values, not " +
                                std::to_string(values.size()));
  }
  for_each_element(tensor, batch, arena_.data(),
                   [&](std::byte* to, std::size_t i) { store(tensor.element, to, values[i]); });
}

std::vector<double> Runner::read(const core::TensorInfo& tensor, std::int64_t batch) const {
  std::vector<double> values(static_cast<std::size_t>(elements_of(tensor, batch)));
  for_each_element(
      tensor, batch, const_cast<std::byte*>(arena_.data()),
      [&](const std::byte* from, std::size_t i) { values[i] = load(tensor.element, from); });
  return values;
}

void Runner::run(const core::Entry& entry, std::int64_t batch) {
  entry.run(arena_.data(), batch, *team_);
}

}  // namespace gradc::test
