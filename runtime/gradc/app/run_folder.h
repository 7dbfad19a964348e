// The folder of a run: model.safetensors and log.csv.
#pragma once

#include <string>

namespace gradc::app {

std::string checkpoint_path(const std::string& folder);
std::string log_path(const std::string& folder);

bool holds_checkpoint(const std::string& folder);

// Makes the folder, and those above it, if it is not there. Throws a DataError.
void make_folder(const std::string& folder);

// Renames what an earlier run left to model.safetensors.1, log.csv.1 and so on, so that a new run
// overwrites nothing. Throws a DataError.
void set_aside_old_run(const std::string& folder);

}  // namespace gradc::app
