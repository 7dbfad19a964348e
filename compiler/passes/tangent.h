// tangent: forward mode. Every value gets a tangent, how fast it changes when the parameters and
// inputs change at given speeds.
//
//   before   %w = parameter f32[10]   %1 = exp %w   output "y" %1
//   after    %w = parameter f32[10]   %w.tangent = input f32[10]
//            %1 = exp %w              %2 = mul %w.tangent %1
//            output "y" %1            output "y.tangent" %2
//
// Each real input and each parameter NAME gets an input "NAME.tangent", each real output a second
// output "NAME.tangent", the loss an output "loss.tangent". States and settings stand still. The
// updates are dropped: a graph with tangents evaluates and does not train. The result is compact.
//
// After differentiate (there is no gradient left; tangents of gradients are second derivatives).
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

Graph tangent(const Graph& graph);

}  // namespace gradc::passes
