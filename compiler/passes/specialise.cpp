#include "passes/specialise.h"

#include <utility>

#include "ir/rewrite.h"

namespace gradc::passes {

Graph specialise(const Graph& graph, bool training) {
  ir::Rewriter rewriter(graph);
  for (int i = 0; i < rewriter.size(); ++i) {
    const Node& node = graph[i];
    if (node.op == op_of<Training>)
      rewriter.set(i, rewriter[node.operands[training ? 0 : 1]]);
    else
      rewriter.copy(i);
  }
  return std::move(rewriter).take();
}

}  // namespace gradc::passes
