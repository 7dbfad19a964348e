// precision: products of rounded numbers, summed in f32.
//
//   before       y = contract(x, w)
//   bf16         y = contract(round_to_bf16(x), round_to_bf16(w))
//   int8         y = contract(x, round_to_int8(w / s)) * s     s = max over k |w| / 127
//
// bf16 is for every contraction without batch axes, that is, for linear layers and their gradients;
// those of attention, between activations, stay as they are. int8 is for those with a parameter as
// one operand, each of whose columns has a scale of its own. All else stays in f32: sums,
// activations, gradients, the parameters that the optimizer updates.
//
// Rounded values lie in memory in two bytes, or one (Element::kBf16, kInt8). The derivative of
// rounding is 0, so that these passes come after differentiation.
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

Graph round_to_bf16(const Graph& graph);
Graph round_to_int8(const Graph& graph);

// As the graph asks for; nothing in f64.
Graph reduce_precision(const Graph& graph);

}  // namespace gradc::passes
