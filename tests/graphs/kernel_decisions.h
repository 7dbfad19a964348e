// kernel_decisions: those about one kernel, from its lanes to its tiles, folds and stores.
#pragma once

#include "graphs/tally.h"
#include "ir/program.h"

namespace gradc::graphs {

void declare_kernel_decisions(Tally& tally);

// A kernel as it is emitted: of a stream, one for a tile.
void count_kernel_decisions(const ir::Program& program, const ir::Kernel& kernel, Tally& tally);

}  // namespace gradc::graphs
