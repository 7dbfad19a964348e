// Comparing graphs by the values that the interpreter gives them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "eval/interpret.h"
#include "ir/print.h"

namespace gradc {

// Equal up to `tolerance` of the largest element. Where `wanted` is not finite anything goes: the
// passes assume finite values.
inline void expect_close(const eval::Array& found, const eval::Array& wanted, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(found.extents, wanted.extents) << what;
  double scale = 1;
  for (const double x : wanted.elements)
    if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < wanted.elements.size(); ++i) {
    if (!std::isfinite(wanted.elements[i])) continue;
    ASSERT_NEAR(found.elements[i], wanted.elements[i], tolerance * scale) << what << " at " << i;
  }
}

// Outputs, updates and loss of two graphs on the same leaves.
inline void expect_same_values(const Graph& found, const Graph& wanted,
                               const eval::Bindings& bindings, double tolerance = 1e-11) {
  SCOPED_TRACE(ir::print(wanted) + "became\n" + ir::print(found));
  const eval::Values a = eval::interpret(found, bindings), b = eval::interpret(wanted, bindings);
  ASSERT_EQ(found.outputs.size(), wanted.outputs.size());
  ASSERT_EQ(found.updates.size(), wanted.updates.size());
  for (std::size_t i = 0; i < wanted.outputs.size(); ++i)
    expect_close(a[found.outputs[i].node], b[wanted.outputs[i].node], tolerance,
                 "output " + wanted.outputs[i].name.str());
  for (std::size_t i = 0; i < wanted.updates.size(); ++i)
    expect_close(a[found.updates[i].node], b[wanted.updates[i].node], tolerance,
                 "update " + std::to_string(i));
  if (wanted.loss >= 0) expect_close(a[found.loss], b[wanted.loss], tolerance, "loss");
}

inline int count(const Graph& graph, Op op) {
  return static_cast<int>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                        [&](const Node& node) { return node.op == op; }));
}

}  // namespace gradc
