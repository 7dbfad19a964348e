// The flags that Clang reads a model with, out of a compile command.
//
// Only what changes the meaning of the declarations is taken over: macros, folders of headers, the
// language, the target. What writes files or optimises is left out. Flags that load code into
// Clang, or that fetch further flags from a file whose contents gradc cannot see, are refused.
#pragma once

#include <string>
#include <vector>

#include "frontend/read_models.h"

namespace gradc::frontend {

// From request.flags, or compile_commands.json if there are none; mistakes go to `diagnostics`.
std::vector<std::string> clang_flags(const Request& request, support::Diagnostics& diagnostics);

}  // namespace gradc::frontend
