// What the config.json beside weights tells of the model that they belong to.
#pragma once

#include <gradc/core/model.h>

#include <string>

namespace gradc::app {

// Throws a DataError that lists every number of FOLDER/config.json that is not the one `model` was
// generated for, if there is such a file. Keys that it does not have, or has as null, tell nothing.
void require_config(const std::string& folder, const core::Model& model);

}  // namespace gradc::app
