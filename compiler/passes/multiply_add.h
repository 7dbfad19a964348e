// fuse_multiply_adds: a product that is nothing but added becomes part of the sum.
//
//   before   %p = mul %a %b   %s = add %p %x   %d = sub %y %p
//   after    %s = fma %a %b %x                 %d = fma (neg %a) %b %y
//
// What is added to a sum of two products becomes a term of it first, so that none stays alone:
// (a * b + c * d) + x = a * b + (c * d + x).
//
// One instruction instead of two, and one rounding. Decided for the graph and not for a kernel, so
// that a value which several kernels work out has the same bits in all of them. Before lowering,
// after all algebra, which knows sums and products better.
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

Graph fuse_multiply_adds(const Graph& graph);

}  // namespace gradc::passes
