// expression: the value of a node at one place, as a DAG of loads and elementwise ops.
//
//   node   reshape(gather(table, tokens))[b, j]        j = 10 c + e
//   value  load table[row = load tokens[b, c], e]
//
// Views, broadcasts and elementwise nodes are followed down to nodes that lie in memory: leaves,
// and the nodes that `materialised` names. An index is affine in the loops' axes; where a reshape
// would divide an axis, the builder stops and says which axis to split, so that it is affine again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ir/program.h"

namespace gradc::passes {

// Where in a tensor: one affine expression for each of its axes.
using Index = std::vector<ir::Affine>;

// The loop `axis` is to become an outer loop and an inner one of `inner` iterations.
struct AxisSplit {
  int axis = -1;
  std::int64_t inner = 0;
};

class ExpressionBuilder {
 public:
  // The value of element `index` of a materialised node; `row`, if not -1, is an i32 value to be
  // added to the index of its first axis.
  using Load = std::function<int(int node, const Index& index, int row)>;

  ExpressionBuilder(const Graph& graph, const std::vector<ir::Axis>& axes,
                    std::vector<ir::Value>& values, std::function<bool(int node)> materialised,
                    Load load)
      : graph_(graph),
        axes_(axes),
        values_(values),
        materialised_(std::move(materialised)),
        load_(std::move(load)) {}

  // The value of `node` at `index`; -1 if an axis has to be split first.
  int build(int node, const Index& index);
  // Like build, but looks into the node itself even if it is materialised.
  int build_body(int node, const Index& index);

  // The materialised node below the views over `node`, and the index into it.
  std::optional<std::pair<int, Index>> source_of(int node, const Index& index);

  // Adds a value, or finds its equal.
  int add(const ir::Value& value);

  const std::optional<AxisSplit>& split() const { return split_; }
  // The reshape that no split makes affine; -1 if there was none.
  int stuck() const { return stuck_; }

 private:
  std::optional<Index> through_view(int node, const Index& index);
  std::optional<Index> through_reshape(const Shape& from, const Index& index, const Shape& to);

  const Graph& graph_;
  const std::vector<ir::Axis>& axes_;
  std::vector<ir::Value>& values_;
  std::function<bool(int)> materialised_;
  Load load_;
  std::optional<AxisSplit> split_;
  int stuck_ = -1;
  std::vector<std::pair<std::pair<int, Index>, int>> known_;
};

// Row-major strides of `shape`, ignoring padding.
std::vector<std::int64_t> dense_strides(const Shape& shape);

// The loops over a tensor: one axis for each dimension that is not 1, and the index they make.
Index make_axes(const Shape& shape, std::vector<ir::Axis>& axes);

}  // namespace gradc::passes
