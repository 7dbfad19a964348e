#include <gradc/app/batches.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>

#include <algorithm>
#include <numeric>

namespace gradc::app {

Batches::Batches(const Dataset& dataset, core::DatasetInfo::Order order, std::uint64_t seed,
                 std::int64_t batch)
    : dataset_(dataset),
      random_(order == core::DatasetInfo::Order::kRandom),
      full_batch_(batch >= dataset.examples(Split::kTrain)),
      seed_(seed),
      examples_(dataset.examples(Split::kTrain)),
      batch_(std::min(batch, examples_)),
      chosen_(static_cast<std::size_t>(batch_)) {
  if (examples_ == 0) throw DataError("the data has no examples to train on");
  std::iota(chosen_.begin(), chosen_.end(), 0);
}

std::int64_t Batches::steps_per_round() const { return (examples_ + batch_ - 1) / batch_; }

std::int64_t Batches::load(std::int64_t step, std::byte* arena) {
  if (full_batch_) {
    // A run leaves its inputs as they were.
    if (!full_batch_loaded_) dataset_.fill(Split::kTrain, chosen_, arena);
    full_batch_loaded_ = true;
    return batch_;
  }
  if (ready_step_ != step) choose(step);
  dataset_.fill(Split::kTrain, chosen(), arena);
  const std::int64_t size = size_;
  // While this step runs, the memory brings what the next one needs.
  choose(step + 1);
  dataset_.prefetch(Split::kTrain, chosen());
  return size;
}

void Batches::choose(std::int64_t step) {
  ready_step_ = step;
  if (random_) {
    size_ = batch_;
    draw_below({seed_, kBatchStream, static_cast<std::uint64_t>(step)},
               static_cast<std::uint64_t>(examples_), chosen_);
    return;
  }
  const std::int64_t first = step % steps_per_round() * batch_;
  size_ = std::min(batch_, examples_ - first);
  std::iota(chosen_.begin(), chosen_.begin() + size_, static_cast<std::uint32_t>(first));
}

}  // namespace gradc::app
