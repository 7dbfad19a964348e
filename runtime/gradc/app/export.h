// The command `export`: a run's parameters as weights (weights.h).
#pragma once

#include <gradc/app/weights.h>
#include <gradc/core/model.h>

#include <string>

namespace gradc::app {

struct ExportOptions {
  std::string folder;  // of the run
  std::string output;  // a .safetensors file, or a folder that gets model.safetensors
  WeightType type = WeightType::kF32;
  bool force = false;
};

// Into a folder go the run's tokenizer's files and the model's config.json as well. Throws a
// DataError, before anything is written, if a file is there already and is not to be replaced.
int export_weights(const core::Model& model, const ExportOptions& options);

}  // namespace gradc::app
