// A lowered program against the interpreter on the graph it comes from.
#pragma once

#include <gradc/dsl.h>

#include <optional>
#include <string>

namespace gradc::lower_test {

// What differs between running the program that `graph` is lowered to and interpreting the graph,
// at that batch and on random leaves; nothing if all outputs and updates agree to 1e-12 of their
// scale.
std::optional<std::string> difference(const Graph& graph, std::int64_t batch, std::uint64_t seed);

}  // namespace gradc::lower_test
