// The data of a run that was trained before, for all who go on with it.
#pragma once

#include <gradc/app/alphabet.h>
#include <gradc/app/dataset.h>

#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

struct RunData {
  Source source;
  std::unique_ptr<Dataset> dataset;
};

struct DataRequest {
  std::optional<std::string> path;
  const RunFacts* facts = nullptr;  // of the run that goes on or is looked at
  std::string scratch_folder;       // where large things may be put while the program runs
  std::uint64_t seed = 0;
};

// Reads `path`; without one, what `facts` names; without either, the built-in data. `alphabet`
// holds for it. Throws a UsageError for a path that the model has no use for.
RunData open_data(const core::Model& model, const Alphabet& alphabet, const DataRequest& request);

}  // namespace gradc::app
