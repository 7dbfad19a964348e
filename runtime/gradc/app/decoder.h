// The decoder that a model of sequences has: one position after the other, for several rows at
// once.
//
// Owns the decoder's memory, in which it keeps what later positions need. One thread at a time.
#pragma once

#include <gradc/app/instance.h>

#include <cstdint>
#include <span>
#include <vector>

namespace gradc::app {

class Decoder {
 public:
  // Of a model that has one.
  explicit Decoder(const core::Model& whole);

  // Takes over the parameters, settings and states.
  void load(const Instance& whole);

  // Sets an input of a row; nothing if the model has no such input.
  void put(const char* input, std::int64_t row, std::span<const std::int32_t> values);

  // Computes `position`, counted from 0, for the rows 0 .. rows - 1. Those before it are what was
  // computed last.
  void step(std::int64_t position, std::int64_t rows, core::Team& team);

  // The first values.size() logits of a row at that position.
  void logits(std::int64_t row, std::span<double> values) const;

  // From now on row r goes on from what row parents[r] has seen.
  void reorder(std::span<const std::int32_t> parents);

 private:
  Instance instance_;
  const core::TensorInfo* logits_;
  std::vector<std::byte> moved_;  // of one tensor
};

}  // namespace gradc::app
