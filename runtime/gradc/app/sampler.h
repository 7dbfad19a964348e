// The command `sample`: new items from a model of lines, what follows a prompt from one of text, or
// answers from one of pairs.
#pragma once

#include <gradc/app/trained.h>
#include <gradc/core/model.h>

#include <cstdint>
#include <optional>
#include <string>

namespace gradc::app {

// How many items are given if nothing is said.
inline constexpr std::int64_t kDefaultItems = 20;

struct SampleOptions {
  TrainedOptions trained;
  std::optional<std::int64_t> count;   // without: 20 items, or one text
  std::optional<std::string> prompt;   // a text's beginning, or what is to be answered
  std::optional<std::int64_t> tokens;  // of a text, after the prompt; without: 200
  bool slide = true;                   // a text that fills the block goes on without its beginning
  std::optional<std::int64_t> beam;    // sequences open at a time; without: 1
  double temperature = 1;              // 0: always the likeliest
  std::int64_t top_k = 0;              // draw among the k likeliest; 0: all
  std::uint64_t seed = 1;
  int threads = 0;
};

// Prints one item a line. Item i depends on the seed and i alone, not on how many are made.
int sample(const core::Model& model, const SampleOptions& options);

}  // namespace gradc::app
