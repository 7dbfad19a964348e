#include "passes/blocks.h"

#include <gradc/dsl.h>

#include <algorithm>

#include "ir/compact.h"
#include "ir/cost_model.h"
#include "ir/rewrite.h"

namespace gradc::passes {

std::int64_t block_of(const Dim& dim) {
  if (dim.batched || dim.time || dim.size < ir::kFewestBlocks * ir::kSmallestBlock) return 0;
  const std::int64_t lanes = ir::lanes_of(Element::kF32);
  const std::int64_t most = std::min(ir::kLargestBlock, dim.size / ir::kFewestBlocks);
  for (std::int64_t block = most / lanes * lanes; block >= ir::kSmallestBlock; block -= lanes)
    if (dim.size % block == 0) return block;
  return 0;
}

Graph sum_in_blocks(const Graph& graph) {
  ir::Rewriter rewriter(graph);
  for (int id = 0; id < rewriter.size(); ++id) {
    if (rewriter.has(id)) continue;
    const Node& node = graph[id];
    const bool whole = node.op == op_of<Sum> && node.type.rank() == 0;
    const Type& type = graph[node.operands.empty() ? id : node.operands[0]].type;
    const std::int64_t block = whole && type.rank() == 1 ? block_of(type.shape[0]) : 0;
    if (block == 0) {
      rewriter.copy(id);
      continue;
    }
    const auto at = rewriter.at(id);
    const Shape blocks{Dim(type.shape[0].size / block), Dim(block)};
    rewriter.set(id, sum(sum(reshape(rewriter[node.operands[0]], blocks), {1}), {0}));
  }
  return ir::compact(std::move(rewriter).take());
}

std::set<std::int64_t> extents_in_blocks(const Graph& graph) {
  std::set<std::int64_t> extents;
  for (const Node& node : graph.nodes) {
    if (node.op != op_of<Sum> || node.type.rank() != 1) continue;
    const Node& blocks = graph[node.operands[0]];
    if (blocks.op != op_of<Reshape>) continue;
    const Shape& shape = graph[blocks.operands[0]].type.shape;
    if (shape.size() == 1 && blocks.type.rank() == 2 &&
        blocks.type.shape[1].size == block_of(shape[0]))
      extents.insert(shape[0].size);
  }
  return extents;
}

}  // namespace gradc::passes
