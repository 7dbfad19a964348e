// Numbers of a model that the shapes of its tensors do not tell, and the files that keep them: the
// config.json beside weights, the metadata of a run's checkpoint.
#pragma once

#include <gradc/core/model.h>

#include <nlohmann/json.hpp>
#include <string>

namespace gradc::app {

inline constexpr const char* kConfigFile = "config.json";

// The keys and numbers that the model declares, in their order.
nlohmann::ordered_json config_of(const core::Model& model);

// Throws a DataError about `path` that lists every number of `config` that is not the one `model`
// was generated for. Keys that it does not have, or has as null, tell nothing.
void require_config(const std::string& path, const core::Model& model,
                    const nlohmann::json& config);

// The same of FOLDER/config.json, if there is such a file.
void require_config_file(const std::string& folder, const core::Model& model);

// Writes FOLDER/config.json. Throws a DataError.
void write_config_file(const std::string& folder, const core::Model& model);

}  // namespace gradc::app
