// interpret: what a graph means. Every other way to run one is compared with this.
//
// All arithmetic is in double, sums go in row-major order, and each op is one short definition:
// elementwise ops are their block's `body`, the rest stand in structural.cpp.
#pragma once

#include <eval/array.h>
#include <gradc/dsl.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gradc::eval {

// What a run is given.
struct Bindings {
  std::int64_t batch = 0;  // the running extent, 1 to the largest; 0: the largest
  bool training = true;    // which side of `training` nodes is taken
  // Elements of each leaf in row-major order at the running extents. Settings, and parameters and
  // states that begin with a constant, may be left out.
  std::map<std::string, std::vector<double>, std::less<>> leaves;
};

// The value of each node.
struct Values {
  std::vector<Array> nodes;
  const Array& operator[](int node) const { return nodes[node]; }
};

// Directives other than `training` have to be gone: differentiate first. A leaf that is missing or
// of the wrong size and an index out of range are CHECK failures, for the caller made them.
Values interpret(const Graph& graph, const Bindings& bindings);

// The extents of a shape at a running batch.
std::vector<std::int64_t> running_extents(const Graph& graph, const Shape& shape,
                                          std::int64_t batch);

// The value of the output of that name.
const Array& output_of(const Graph& graph, const Values& values, std::string_view name);

// What a training step leaves: each updated leaf has its new value.
void apply_updates(const Graph& graph, const Values& values, Bindings& bindings);

}  // namespace gradc::eval
