// lower: a fused graph as a Program, kernels over buffers.
//
//   before   group: rows b, j: y = contract(x, w), h = tanh(y + bias)
//   after    kernel "contract + add + tanh"  rows b, j  lanes j   y = sum over k x[b, k] w[k, j]
//            store tanh(y + load bias[j]) -> h[b, j]
//
// Chooses buffers and their layout, the axis in the lanes, and copies right operands of
// contractions whose rows do not lie along it. Gives no memory yet (plan_memory.h).
//
// What a decoder holds of all positions is computed as far as the present one only, if every kernel
// that meets such a value runs along the time itself, so that none asks for more.
#pragma once

#include "ir/program.h"
#include "passes/pipeline.h"

namespace gradc::passes {

// The graph as kernels compute it: thin contractions are sums, long sums go in blocks,
// products and sums are one operation.
Graph for_kernels(const Graph& graph);

// Of such a graph. `present`: of a decoder, the leaf (by index) that says which position is
// computed.
ir::Program lower(const Graph& graph, int present = -1);

// All entries of a declared model, lowered, with memory.
ir::Module build_module(const Graph& declared, const Observer& observer = {});

}  // namespace gradc::passes
