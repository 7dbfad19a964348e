// A graph as a picture, in the language of Graphviz: gradc model.cpp --emit=dot | dot -Tsvg >
// model.svg
#pragma once

#include <gradc/dsl.h>

#include <string>

namespace gradc::driver {

// Parameters and states are boxes, inputs rounded boxes, ops ellipses; an edge carries the shape of
// the value that flows along it.
std::string dot(const Graph& graph);

}  // namespace gradc::driver
