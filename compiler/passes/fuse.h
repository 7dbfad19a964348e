// fuse: roots gathered into groups, each to become one kernel.
//
//   before   roots  y = contract(x, w) [b, j]   h = tanh(y + bias) [b, j]
//                   m = max(h) [b]   s = sum(exp(h - m)) [b]
//   after    group 0: rows b, j: y, h      group 1: rows b: m, s
//
// A group is a set of loops, its rows, around stages that run one after another. A root joins the
// group of a value that it reads if it reads it in the same row, or one that reads the same tensor
// at the same place; so nothing crosses rows inside a group, and rows can be given to threads. The
// plan decides nothing about lanes or memory.
#pragma once

#include "passes/roots.h"

namespace gradc::passes {

struct Group {
  std::vector<ir::Axis> axes;
  std::vector<int> rows;   // axes, outermost first
  std::vector<int> roots;  // in the order of their stages
};

struct FusionPlan {
  Roots roots;
  std::vector<Group> groups;           // in the order in which they run
  std::vector<int> group_of;           // by root
  std::vector<std::vector<int>> axis;  // by root: its axes as axes of its group
  std::vector<bool> first;  // by root: whether a decoder needs it at the first position only
  // By root: whether a decoder computes it from parameters alone, once, and keeps it.
  std::vector<bool> prepared;
};

// `present`: of a decoder, the node that says which position is computed; else -1.
FusionPlan fuse(const Graph& graph, int present);

}  // namespace gradc::passes
