#include "passes/thin.h"

#include <gradc/dsl.h>

#include "ir/compact.h"
#include "ir/cost_model.h"
#include "ir/rewrite.h"
#include "passes/algebra.h"

namespace gradc::passes {

namespace {

std::int64_t extent_of(const Shape& shape, const Axes& axes) {
  std::int64_t extent = 1;
  for (int axis : axes) extent *= shape[axis].size;
  return extent;
}

// `x` with its axes in the order batch, free, over, and `before` and `after` unit axes around the
// free ones for those of the other operand. There is nothing to sum along a unit axis.
Tensor spread(Tensor x, const Axes& batch, const Axes& free, const Axes& over, int before,
              int after) {
  Axes order;
  for (const Axes* list : {&batch, &free, &over})
    for (int axis : *list) order.push_back(axis);
  bool identity = true;
  for (int i = 0; i < order.size(); ++i) identity = identity && order[i] == i;
  const Tensor sorted = identity ? x : transpose(x, order);
  Shape shape;
  int axis = 0;
  for (int i = 0; i < batch.size(); ++i) shape.push_back(sorted.shape()[axis++]);
  for (int i = 0; i < before; ++i) shape.push_back(Dim(1));
  for (int i = 0; i < free.size(); ++i) shape.push_back(sorted.shape()[axis++]);
  for (int i = 0; i < after; ++i) shape.push_back(Dim(1));
  for (int i = 0; i < over.size(); ++i)
    if (const Dim dim = sorted.shape()[axis++]; !is_unit(dim)) shape.push_back(dim);
  return same_shape(shape, sorted.shape()) ? sorted : reshape(sorted, shape);
}

// Whether the elements of x that are summed lie side by side.
bool sums_neighbours(const Node& x, const Axes& over) {
  for (int axis : over)
    if (axis == x.type.rank() - 1) return true;
  return false;
}

// Whether b, which lies in memory with the summed axis innermost, would be copied the other way
// round for the sake of a few rows of a.
bool copies_for_few(const Node& b, std::int64_t rows, const Axes& over) {
  const Kind kind = info_of(b.op).kind;
  return sums_neighbours(b, over) && kind != Kind::kView && kind != Kind::kBroadcast &&
         ir::waits_for_memory(static_cast<double>(rows),
                              static_cast<double>(elements_of(b.type.shape)));
}

}  // namespace

bool is_thin(const Graph& graph, int contraction) {
  const Node& node = graph[contraction];
  const Node &a = graph[node.operands[0]], &b = graph[node.operands[1]];
  const ContractAxes axes = ContractAxes::decode(node.attributes);
  if (node.type.rank() + axes.left_over.size() > kMaxRank) return false;
  const Shape &left = a.type.shape, &right = b.type.shape;
  const std::int64_t rows = extent_of(left, axes.left_free(left.size()));
  // One row meets a large matrix whose columns lie side by side: that is read from end to end by
  // tiles of columns, which a sum for each column would not do.
  const bool row =
      rows == 1 && (!ir::waits_for_memory(1, static_cast<double>(elements_of(right))) ||
                    sums_neighbours(b, axes.right_over));
  return row || extent_of(right, axes.right_free(right.size())) == 1 ||
         extent_of(left, axes.left_over) == 1 || copies_for_few(b, rows, axes.right_over);
}

Graph expand_thin_contractions(const Graph& graph) {
  ir::Rewriter rewriter(graph);
  for (int id = 0; id < rewriter.size(); ++id) {
    if (rewriter.has(id)) continue;
    const Node& node = graph[id];
    if (node.op != op_of<Contract> || !is_thin(graph, id)) {
      rewriter.copy(id);
      continue;
    }
    const auto at = rewriter.at(id);
    const Tensor a = rewriter[node.operands[0]], b = rewriter[node.operands[1]];
    const ContractAxes axes = ContractAxes::decode(node.attributes);
    const Axes left = axes.left_free(a.rank()), right = axes.right_free(b.rank());
    const Tensor product = spread(a, axes.left_batch, left, axes.left_over, 0, right.size()) *
                           spread(b, axes.right_batch, right, axes.right_over, left.size(), 0);
    Axes over;
    for (const int axis : axes.left_over)
      if (!is_unit(a.shape()[axis])) over.push_back(node.type.rank() + over.size());
    rewriter.set(id, over.empty() ? product : sum(product, over));
  }
  return ir::compact(std::move(rewriter).take());
}

}  // namespace gradc::passes
