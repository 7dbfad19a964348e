// chosen: which nodes of a graph become roots (roots.h), and why.
//
//   required   outputs, updates, sums, contractions and what they multiply, scatters
//   shared     what several roots need, if it is expensive, or if to read what it is made of in
//   each
//              of them takes more than to write it and read it back
//   ahead      forward   u = x w + b   t = tanh(f(u))   y = u (1 + t)
//              backward  du = dy D(u, t)    D is stored beside y, and u and t need not be
#pragma once

#include <map>
#include <set>
#include <vector>

#include "passes/joins.h"
#include "passes/roots.h"

namespace gradc::passes {

struct Choice {
  std::vector<bool> nodes;               // those that are roots
  std::map<int, Root::Reason> optional;  // of those that nothing requires
};

// `inlined`: nodes that are not to be roots for the sake of others.
Choice choose_roots(const Graph& graph, const Joins& joins, const std::set<int>& inlined);

}  // namespace gradc::passes
