// memory_limit: a model that needs more memory than its user has is refused before it is emitted.
#pragma once

#include "ir/program.h"
#include "support/diagnostic.h"

namespace gradc::passes {

// Complains of a planned module whose arena takes more than `most` bytes to train and run. The
// notes are the lines of the model that hold most when most is alive.
void limit_memory(const ir::Module& module, std::int64_t most, support::Diagnostics& diagnostics);

}  // namespace gradc::passes
