// The command `eval`.
#pragma once

#include <gradc/app/trained.h>
#include <gradc/core/model.h>

#include <optional>
#include <string>

namespace gradc::app {

struct EvalOptions {
  std::optional<std::string> data;
  TrainedOptions trained;
  std::optional<std::int64_t> beam;  // sequences open at a time; without: 1
  int threads = 0;
};

// Prints one line a split that has examples: the loss, every other scalar output and, for pairs
// that were held out, the share of sources that are answered by their very target.
int eval(const core::Model& model, const EvalOptions& options);

}  // namespace gradc::app
