// Values for all leaves of a graph, to try it on.
#pragma once

#include <eval/interpret.h>

namespace gradc::eval {

// Inputs and parameters from -2 to 2, classes as they come, states from 0.5 to 1.5 (many are
// variances or powers, which are positive), settings as declared. The same for the same seed.
Bindings random_bindings(const Graph& graph, std::uint64_t seed, std::int64_t batch = 0);

}  // namespace gradc::eval
