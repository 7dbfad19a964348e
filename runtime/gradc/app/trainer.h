// The command `train`.
#pragma once

#include <gradc/core/model.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradc::app {

struct TrainOptions {
  std::optional<std::string> data;       // without: what the run had before, or the built-in names
  std::optional<std::string> tokenizer;  // of a text; without: what the run had, or characters
  std::optional<std::string> weights;    // to start from
  std::string folder;
  std::optional<std::int64_t> steps;
  std::int64_t batch = 0;  // 0: the largest; of a resumed run: what it had
  std::optional<double> learning_rate;
  std::vector<std::pair<std::string, double>> settings;
  std::optional<std::uint64_t> seed;
  int threads = 0;  // 0: what suits the model
  bool resume = false;
  bool force = false;
  std::string command;  // what the user types to train this model, for messages: "nplm train"
};

inline constexpr std::uint64_t kDefaultSeed = 1;

// Trains, writes checkpoints and log.csv into the folder, prints progress on standard output.
// Returns the exit status. Throws DataError and UsageError; a checkpoint that was there before is
// then still there.
int train(const core::Model& model, const TrainOptions& options);

}  // namespace gradc::app
