// differentiate: every gradient(loss, x) worked out by reverse mode.
//
//   before   %1 = mul %x %x            after    %1 = mul %x %x
//            %2 = sum %1 [0]                    %2 = sum %1 [0]
//            %3 = gradient %2 %x                %3 = broadcast 1   %4 = mul %3 %x
//                                               %5 = mul %3 %x     %6 = add %4 %5
//
// One sweep a loss, whatever the number of its gradients. Gradients that a loss depends on are
// worked out before it, so second and higher derivatives come out of the same code. x may be any
// node; where the loss does not depend on it the gradient is zero. The derivative of each op stands
// in its block (ops.h, `vjp`); a new node gets the location of the node whose derivative it is.
//
// First of all passes: merging equal nodes before would let one x stand for two.
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

Graph differentiate(const Graph& graph);

}  // namespace gradc::passes
