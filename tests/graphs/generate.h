// Random graphs, for tests that hold for every graph.
//
//   const Graph graph = graphs::generate(seed);
//   if (fails(graph)) FAIL() << ir::print(graphs::shrink(graph, fails));
//
// A graph depends on its seed and options alone. Every op of the table occurs; an op without a way
// to be generated does not compile. Some steps are patterns of several ops (composites.h). Operands
// are squashed into the range that an op's probe names, and values stay below about 1e3, so that
// f32 code can be compared with the interpreter.
#pragma once

#include <gradc/dsl.h>

#include <functional>

namespace gradc::graphs {

struct GenerateOptions {
  int ops = 12;                 // how many are applied, besides leaves and what squashes operands
  bool differentiable = false;  // only ops whose derivative finite differences agree with
  bool loss = true;             // a scalar of everything, minimised
  bool gradients = true;        // the parameters' updates hold gradient nodes of the loss
  bool f64 = false;
  bool large = false;  // begins with a contraction or attention whose operands fill caches
};

Graph generate(std::uint64_t seed, const GenerateOptions& options = {});

// A smaller graph that still fails: roots are removed, nodes become one of their operands or a
// constant, dimensions shrink, as long as `fails` holds. It is only asked about verified graphs.
// With GRADC_NO_SHRINKING in the environment, the graph as it is.
using Fails = std::function<bool(const Graph&)>;
Graph shrink(const Graph& failing, const Fails& fails);

}  // namespace gradc::graphs
