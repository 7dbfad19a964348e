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
  int threads = 0;
};

// Prints one line a split that has examples: the loss and every other scalar output.
int eval(const core::Model& model, const EvalOptions& options);

}  // namespace gradc::app
