// What the blocks of the op table know of derivatives, applied to nodes of a graph.
#pragma once

#include <gradc/dsl.h>

namespace gradc::passes {

// The cotangents of the operands of `node`, given the cotangent g of its value: its op's `vjp`. A
// tensor without a graph stands for "no gradient flows this way".
Tensors pull_back(Graph& graph, int node, Tensor g);

}  // namespace gradc::passes
