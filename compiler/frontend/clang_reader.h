// Runs Clang on a model file, in this process, and tells what it finds event by event.
#pragma once

#include <string>
#include <vector>

#include "frontend/event.h"
#include "frontend/read_models.h"

namespace gradc::frontend {

// `flags` are those of the compile command (flags.h). Sends kDone last.
void run_clang(const Request& request, const std::vector<std::string>& flags, const Events& events);

// The folder with Clang's own headers, <folder>/include/stddef.h; empty if it is not found.
std::string find_resource_dir();

}  // namespace gradc::frontend
