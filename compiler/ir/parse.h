// parse: the text that print.h writes, back to graphs.
#pragma once

#include <gradc/dsl.h>
#include <support/diagnostic.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradc::ir {

// All graphs of a text, in order. What is wrong with it goes to `diagnostics` with line and column
// (`file` is their file name); reading goes on at the next graph, so the list holds the good ones.
// Types after a colon may be left out where the op determines them. Parsed graphs are well-typed:
// each op's shape rule has been applied. They are otherwise unchecked: see verify.h.
std::vector<Graph> parse(std::string_view text, const std::string& file,
                         support::Diagnostics& diagnostics);

// For tests: the one graph of a text. A mistake in the text aborts with its message.
Graph parse_one(std::string_view text);

}  // namespace gradc::ir
