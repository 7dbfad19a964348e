// thaw: a frozen model (gradc/freeze.h) as a graph again.
#pragma once

#include <gradc/freeze.h>

#include <optional>

namespace gradc::frontend {

// Nothing if the arrays do not hold a graph in the format of this compiler: every index and every
// enumerator of the result is in range. Shapes are as the declaration inferred them.
std::optional<Graph> thaw(const Frozen& frozen);

}  // namespace gradc::frontend
