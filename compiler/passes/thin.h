// expand_thin_contractions: products that tiles of registers do not fit, as sums of products.
//
//   before   %s = contract %h [batch, 16] %w [16, 1] over (1, 0)
//   after    %p = mul (broadcast %h) (broadcast %w)   %s = sum %p over the contracted axis
//
// With nothing free on one side, or nothing to sum, a contraction is a reduction or a product, and
// fuses with its neighbours as such. Bits change: sums run along lanes, products are rounded.
// Before lowering, after all algebra, which knows contractions better.
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

// Whether tiles do not fit a contraction: it is one of one row, column or term, or would copy a
// large operand for a few rows.
bool is_thin(const Graph& graph, int contraction);

Graph expand_thin_contractions(const Graph& graph);

}  // namespace gradc::passes
