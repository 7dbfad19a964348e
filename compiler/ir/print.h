// print: a graph as text, which parse.h reads back to the very same graph.
//
//   graph @nplm options [CONTEXT] batch 32 steps 200000 {
//     %context = input i32[batch=32*, CONTEXT=3] classes 27
//     %embedding = parameter f32[27, 10] normal(0, 1)
//     %1 = gather %embedding %context : f32[batch=32*, CONTEXT=3, 10]
//     ...
//     output "logits" %9
//   }
//
// The grammar stands in docs/graph_text.md.
#pragma once

#include <gradc/dsl.h>

#include <string>
#include <vector>

namespace gradc::ir {

struct PrintOptions {
  bool locations = false;  // loc(nplm.cpp:14:30) after each node, as far as it has one
};

std::string print(const Graph& graph, const PrintOptions& options = {});

// The name of every node in the printed text, without the percent sign: that of a leaf is its own
// where it can stand as one, all others are numbered.
std::vector<std::string> value_names(const Graph& graph);

// "12", "0.1", "1e-05", "nan", "-inf": the shortest text that reads back to the same double.
std::string print_number(double value);

// "f32[batch=32*, 27]": a star marks batched dimensions.
std::string print_type(const Type& type);

// Whether the graphs are the same in every field: names, places and numbers included.
bool identical(const Graph& a, const Graph& b);

}  // namespace gradc::ir
