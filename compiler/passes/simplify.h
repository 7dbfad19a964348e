// simplify: a graph with less to compute, by the laws of algebra.
//
//   before   %3 = neg %x   %4 = mul %3 %y   %5 = broadcast %rate   %6 = mul %4 %5   %7 = sub %p %6
//   after    %3 = mul %x %y   %4 = broadcast %rate   %5 = mul %3 %4   %6 = add %p %5
//
// The rules stand in one file a family (simplify_*.cpp), each named by its law. They are applied
// until none fires, so simplifying twice changes nothing.
//
// What they assume of numbers: values are finite, so x * 0 = 0 and x / x = 1, and 0 and -0 are the
// same. A value that is finite before stays within a few units in the last place of what it was, of
// the largest number that enters it; where a value is infinite or NaN before, anything may come
// out. No rule turns finite values into others: exponents are joined only where their sum was
// formed. Tokens are below their number of classes, as the data set checks.
//
// The normal form:
//   - factors that are scalars stand outside, on the right: (x * y) * broadcast(s), with negation
//   as
//     the factor -1; sums, contractions and views have none inside. So a gradient's 1 / batch ends
//     next to the learning rate, once.
//   - arithmetic on repeated values is done before they are repeated, division by them as a
//     multiplication by their reciprocal.
//   - views are merged; axes of extent 1 are inserted as late and dropped as early as possible.
//   - what a gradient of softmax and cross-entropy leaves ends as probabilities minus one-hot.
//
// After specialise; there is no gradient and no training left, and `detach` has done its work.
#pragma once

#include <gradc/graph.h>

#include <span>
#include <vector>

#include "ir/rewrite.h"

namespace gradc::passes {

Graph simplify(const Graph& graph);

// All rules in the order in which they are tried, and the families they come from.
const std::vector<ir::Rule>& simplify_rules();
std::span<const ir::Rule> constant_rules();
std::span<const ir::Rule> arithmetic_rules();
std::span<const ir::Rule> scalar_rules();
std::span<const ir::Rule> view_rules();
std::span<const ir::Rule> broadcast_rules();
std::span<const ir::Rule> reduction_rules();
std::span<const ir::Rule> contraction_rules();
std::span<const ir::Rule> indexed_rules();
std::span<const ir::Rule> softmax_rules();

}  // namespace gradc::passes
