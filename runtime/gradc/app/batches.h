// Which examples make the batch of a step.
//
// A pure function of the seed and the step, so that a resumed run sees the batches that an
// uninterrupted one would have seen. In random order, slot i of step s holds example number
// philox(seed, s, i), scaled to the number of examples. In file order the steps walk through the
// examples and the last batch of a round is as short as it must be, so that each example comes once
// a round. A batch that holds all examples holds each once, whatever the order.
#pragma once

#include <gradc/app/dataset.h>

#include <cstdint>
#include <vector>

namespace gradc::app {

class Batches {
 public:
  // Throws a DataError if there is nothing to train on. Keeps a reference to `dataset`.
  Batches(const Dataset& dataset, core::DatasetInfo::Order order, std::uint64_t seed,
          std::int64_t batch);

  // Writes the batch of `step` into the arena's inputs and returns its size. Allocates nothing.
  std::int64_t load(std::int64_t step, std::byte* arena);

  // Says that something else was written into the inputs since the last `load`.
  void inputs_changed() { full_batch_loaded_ = false; }

  std::int64_t steps_per_round() const;

 private:
  void choose(std::int64_t step);  // into chosen_
  std::span<const std::uint32_t> chosen() const {
    return {chosen_.data(), static_cast<std::size_t>(size_)};
  }

  const Dataset& dataset_;
  bool random_;
  bool full_batch_;  // every step has the same batch: all examples
  bool full_batch_loaded_ = false;
  std::uint64_t seed_;
  std::int64_t examples_;
  std::int64_t batch_;
  std::vector<std::uint32_t> chosen_;  // the examples of ready_step_, or all
  std::int64_t size_ = 0;              // how many of them
  std::int64_t ready_step_ = -1;
};

}  // namespace gradc::app
