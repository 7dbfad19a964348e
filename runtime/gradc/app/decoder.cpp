#include <gradc/app/decoder.h>

#include <algorithm>
#include <cstring>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

// From the first element to the last of the axes from `axis` on, padding between rows included.
std::int64_t extent_of(const TensorInfo& tensor, int axis = 0) {
  std::int64_t elements = 1;
  for (; axis < tensor.rank; ++axis) elements += (tensor.shape[axis] - 1) * tensor.strides[axis];
  return elements * core::bytes_of(tensor.element);
}

// Where row r of a batch lies: a block `between` bytes after that of row r - 1, at each of `places`
// that are `apart` bytes apart.
struct Rows {
  std::int64_t places = 1, apart = 0;
  std::int64_t between = 0, bytes = 0;
};

// All axes lie row-major; that of the batch may be merged with inner ones.
Rows rows_of(const TensorInfo& tensor, std::int64_t max_batch) {
  Rows rows;
  const int batch = tensor.batch_axis;
  for (int axis = 0; axis < batch; ++axis) rows.places *= tensor.shape[axis];
  const std::int64_t size = core::bytes_of(tensor.element);
  if (batch > 0) rows.apart = tensor.strides[batch - 1] * size;
  const std::int64_t items = tensor.shape[batch] / max_batch;
  rows.between = items * tensor.strides[batch] * size;
  rows.bytes = (items - 1) * tensor.strides[batch] * size + extent_of(tensor, batch + 1);
  return rows;
}

}  // namespace

Decoder::Decoder(const core::Model& whole)
    : instance_(*whole.decoder, Instance::Purpose::kRun),
      logits_(find_tensor(*whole.decoder, Role::kOutput, "logits")) {
  std::int64_t most = 0;
  for (const TensorInfo* state : tensors_of(instance_.model(), Role::kState))
    if (state->batch_axis >= 0) most = std::max(most, extent_of(*state, state->batch_axis));
  moved_.resize(static_cast<std::size_t>(most));
}

void Decoder::load(const Instance& whole) {
  for (const TensorInfo& to : instance_.model().tensors) {
    if (to.role == Role::kInput || to.role == Role::kOutput) continue;
    const TensorInfo* from = find_tensor(whole.model(), to.role, to.name);
    if (from == nullptr) continue;  // what it keeps itself
    std::memcpy(instance_.arena() + to.offset, whole.arena() + from->offset,
                static_cast<std::size_t>(extent_of(to)));
  }
}

void Decoder::put(const char* input, std::int64_t row, std::span<const std::int32_t> values) {
  const TensorInfo* tensor = find_tensor(instance_.model(), Role::kInput, input);
  if (tensor == nullptr) return;
  std::int32_t* const first =
      data_of<std::int32_t>(instance_.arena(), *tensor) + row * tensor->strides[0];
  std::ranges::copy(values, first);
}

void Decoder::step(std::int64_t position, std::int64_t rows, core::Team& team) {
  const core::Model& model = instance_.model();
  set_scalar(instance_.arena(), *find_tensor(model, Role::kInput, "decode/position"),
             static_cast<double>(position));
  model.train.run(instance_.arena(), rows, team);
}

void Decoder::logits(std::int64_t row, std::span<double> values) const {
  read_row(instance_.arena(), *logits_, row * logits_->strides[0], values);
}

void Decoder::reorder(std::span<const std::int32_t> parents) {
  const auto count = static_cast<std::int64_t>(parents.size());
  std::int64_t first = 0;
  while (first < count && parents[static_cast<std::size_t>(first)] == first) ++first;
  if (first == count) return;
  for (const TensorInfo* state : tensors_of(instance_.model(), Role::kState)) {
    if (state->batch_axis < 0) continue;
    const Rows rows = rows_of(*state, instance_.model().max_batch);
    for (std::int64_t place = 0; place < rows.places; ++place) {
      std::byte* const kept = instance_.arena() + state->offset + place * rows.apart;
      std::byte* const moved = moved_.data();
      const auto bytes = static_cast<std::size_t>(rows.bytes);
      for (std::int64_t r = first; r < count; ++r) {
        const std::int64_t parent = parents[static_cast<std::size_t>(r)];
        std::memcpy(moved + r * rows.between, kept + parent * rows.between, bytes);
      }
      for (std::int64_t r = first; r < count; ++r)
        std::memcpy(kept + r * rows.between, moved + r * rows.between, bytes);
    }
  }
}

}  // namespace gradc::app
