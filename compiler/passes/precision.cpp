#include "passes/precision.h"

#include <gradc/dsl.h>

#include <vector>

#include "ir/compact.h"
#include "ir/rewrite.h"
#include "passes/algebra.h"

namespace gradc::passes {
namespace {

constexpr double kLargestInt8 = 127;
constexpr double kLeastScale = 1e-30;  // of a column of zeros, which any scale keeps

// Whether a node shows the elements of its operand at other places, and nothing else.
bool moves_only(const Node& node) {
  return node.op == op_of<Reshape> || node.op == op_of<Transpose> || node.op == op_of<Slice> ||
         node.op == op_of<Broadcast>;
}

// What lies behind views.
int base_of(const Graph& graph, int node) {
  while (moves_only(graph[node])) node = graph[node].operands[0];
  return node;
}

bool is_parameter(const Graph& graph, int node) {
  const Node& leaf = graph[node];
  return leaf.op == op_of<LeafOp> &&
         graph.leaves[static_cast<std::size_t>(leaf.attributes.ints[0])].role == Role::kParameter;
}

// Replaces the contractions without batch axes by what `f` makes of each; f(rewriter, id, axes).
template <class F>
Graph replace_contractions(const Graph& graph, F f) {
  ir::Rewriter rewriter(graph);
  for (int id = 0; id < rewriter.size(); ++id) {
    if (rewriter.has(id)) continue;
    const Node& node = graph[id];
    const bool contracts = node.op == op_of<Contract>;
    const ContractAxes axes = contracts ? ContractAxes::decode(node.attributes) : ContractAxes{};
    if (!contracts || axes.left_batch.size() > 0 || axes.left_over.size() == 0) {
      rewriter.copy(id);
      continue;
    }
    const auto at = rewriter.at(id);
    f(rewriter, id, axes);
  }
  return ir::compact(std::move(rewriter).take());
}

// An old node in the new graph, rounded beneath its views, so that all of them show one rounded
// value.
Tensor rounded(ir::Rewriter& rewriter, int id, std::vector<int>& known) {
  Graph& graph = rewriter.graph();
  int& there = known[static_cast<std::size_t>(id)];
  if (there >= 0) return {&graph, there};
  const Node& node = rewriter.old()[id];
  if (!moves_only(node)) {
    there = gradc::round_to_bf16(rewriter[id]).node;
  } else {
    const int operand = rounded(rewriter, node.operands[0], known).node;
    there = graph.append(node.op, {operand}, node.attributes, node.type, node.location).node;
  }
  return {&graph, there};
}

// w / s with s the largest of each column, so that it fits; and s, for what is summed.
struct Quantised {
  Tensor numbers, scale;
};
Quantised quantised(Tensor w, const Axes& over) {
  const Tensor scale = maximum(max(abs(w), over, Keep::kYes), kLeastScale) / kLargestInt8;
  Shape columns;
  for (int axis = 0; axis < w.rank(); ++axis) {
    bool kept = true;
    for (const int gone : over) kept = kept && gone != axis;
    if (kept) columns.push_back(w.shape()[axis]);
  }
  return {gradc::round_to_int8(w / scale), reshape(scale, columns)};
}

}  // namespace

Graph round_to_bf16(const Graph& graph) {
  std::vector<int> known(graph.nodes.size(), -1);
  return replace_contractions(graph, [&](ir::Rewriter& rewriter, int id, const ContractAxes& axes) {
    const Node& node = graph[id];
    const Tensor left = rounded(rewriter, node.operands[0], known);
    const Tensor right = rounded(rewriter, node.operands[1], known);
    rewriter.set(id, contract(left, right, axes));
  });
}

Graph round_to_int8(const Graph& graph) {
  return replace_contractions(graph, [&](ir::Rewriter& rewriter, int id, const ContractAxes& axes) {
    const Node& node = graph[id];
    const Tensor a = rewriter[node.operands[0]], b = rewriter[node.operands[1]];
    const bool left = is_parameter(graph, base_of(graph, node.operands[0]));
    const bool right = is_parameter(graph, base_of(graph, node.operands[1]));
    if (left == right) {
      rewriter.copy(id);
    } else if (right) {
      const Quantised w = quantised(b, axes.right_over);
      rewriter.set(id, contract(a, w.numbers, axes) * w.scale);
    } else {
      const Quantised w = quantised(a, axes.left_over);
      Shape rows = w.scale.shape();
      while (rows.size() < node.type.rank()) rows.push_back(Dim(1));
      rewriter.set(id, contract(w.numbers, b, axes) * reshape(w.scale, rows));
    }
  });
}

Graph reduce_precision(const Graph& graph) {
  if (graph.real != Element::kF32 || graph.precision == Precision::kFull) return graph;
  return graph.precision == Precision::kBf16 ? round_to_bf16(graph) : round_to_int8(graph);
}

}  // namespace gradc::passes
