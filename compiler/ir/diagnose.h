// The mistakes that a declaration left in its graph, as diagnostics for the user.
#pragma once

#include <gradc/dsl.h>
#include <support/diagnostic.h>

namespace gradc::ir {

// Where a location lies, with the name of its file.
support::Place place_of(const Graph& graph, const Location& location);

// Hands Graph::diagnostics over, notes and all.
void diagnose(const Graph& graph, support::Diagnostics& diagnostics);

}  // namespace gradc::ir
