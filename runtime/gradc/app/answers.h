// What a model of pairs makes of a source: the likeliest target, by its decoder.
#pragma once

#include <gradc/app/decoder.h>
#include <gradc/app/instance.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gradc::app {

using Tokens = std::vector<std::int32_t>;

class Answers {
 public:
  // Of a vocabulary of `classes` tokens, with `beam` sequences open at a time; 1: always the
  // likeliest token. Throws a DataError if the model makes no targets of sources, a UsageError if
  // the beam is wider than the model's batch. Takes the parameters that `instance` has; `team` must
  // outlive it.
  Answers(const Instance& instance, std::int64_t classes, std::int64_t beam, core::Team& team);

  // How many sources are answered side by side.
  std::int64_t at_once() const { return at_once_; }

  // The answers to at most `at_once` sources, which have room and at least one token each; without
  // their ends.
  std::vector<Tokens> to(std::span<const std::span<const std::int32_t>> sources);

 private:
  Decoder decoder_;
  core::Team& team_;
  std::int64_t classes_, beam_, at_once_;
  std::int64_t room_, window_;  // of a source and of a target
};

// Throws a UsageError where `beam` is asked of a model that is not of pairs.
void require_pairs_for_beam(const core::Model& model, std::optional<std::int64_t> beam);

}  // namespace gradc::app
