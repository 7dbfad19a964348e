// The data of a run that was trained before, for all who go on with it.
#pragma once

#include <gradc/app/checkpoint.h>
#include <gradc/app/dataset.h>

#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

struct RunData {
  Source source;
  std::unique_ptr<Dataset> dataset;
};

// Reads `path`; without one, what `facts` names; without either, the built-in names. A run's
// vocabulary holds for it. Throws a UsageError for a path that the model has no use for.
RunData open_data(const core::Model& model, const std::optional<std::string>& path,
                  const RunFacts* facts, const std::string& folder, std::uint64_t seed);

// The characters that the run in `folder` was trained on; nothing if it had none. Throws a
// DataError if they are missing or the model has no room for them.
std::optional<Vocabulary> stored_vocabulary(const core::Model& model, const RunFacts& facts,
                                            const std::string& folder);

}  // namespace gradc::app
