#include "passes/multiply_add.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "ir/compact.h"
#include "passes/algebra.h"

namespace gradc::passes {
namespace {

bool adds(const Node& node) { return node.op == op_of<Add> || node.op == op_of<Sub>; }

class Search {
 public:
  explicit Search(const Graph& graph)
      : graph_(graph), is_term_(graph.nodes.size(), true), readers_(graph.nodes.size()) {
    for (const Node& node : graph.nodes) {
      int operations = 0;
      for (const int operand : node.operands) {
        operations = std::max(operations, depth_[static_cast<std::size_t>(operand)] + 1);
        ++readers_[static_cast<std::size_t>(operand)];
        if (!adds(node)) is_term_[static_cast<std::size_t>(operand)] = false;
      }
      depth_.push_back(operations);
    }
    for (const Output& output : graph.outputs) is_wanted(output.node);
    for (const Update& update : graph.updates) is_wanted(update.node);
  }

  // Which operand of a sum is the product that becomes part of it: of two the one that is known
  // later, for the sum then waits for the other one no longer. -1: none.
  int fused(const Node& sum) const {
    if (!adds(sum)) return -1;
    const int first = depth_of_term(sum.operands[0]), second = depth_of_term(sum.operands[1]);
    if (first < 0 && second < 0) return -1;
    return first >= second ? 0 : 1;
  }

  // Which operand of a sum is a sum of two products, one of which would stay alone, while the other
  // operand could be a term of it. -1: none.
  int pair(const Node& sum) const {
    if (!adds(sum)) return -1;
    for (const int i : {0, 1}) {
      const auto at = static_cast<std::size_t>(sum.operands[i]);
      const Node& inner = graph_[sum.operands[i]];
      if (adds(inner) && readers_[at] == 1 && is_product(inner.operands[0]) &&
          is_product(inner.operands[1]) && !is_product(sum.operands[1 - i]))
        return i;
    }
    return -1;
  }

  // Whether a, and not b, of a product takes a sign: a number does as it is written, and what is
  // known last within the instruction.
  bool takes_sign(const Node& product, Tensor a, Tensor b) const {
    if (has_free_sign(a) != has_free_sign(b)) return has_free_sign(a);
    const auto depth = [&](int i) { return depth_[static_cast<std::size_t>(product.operands[i])]; };
    return depth(0) >= depth(1);
  }

 private:
  void is_wanted(int id) {
    is_term_[static_cast<std::size_t>(id)] = false;
    ++readers_[static_cast<std::size_t>(id)];
  }

  // minus(a) * b = a * minus(b).
  static bool has_free_sign(Tensor x) { return negated(x) || ir::constant_value(x); }

  int depth_of_term(int id) const {
    const auto at = static_cast<std::size_t>(id);
    return graph_[id].op == op_of<Mul> && is_term_[at] ? depth_[at] : -1;
  }

  bool is_product(int id) const { return depth_of_term(id) >= 0; }

  const Graph& graph_;
  std::vector<bool> is_term_;  // whether everyone who reads a node adds it to something
  std::vector<int> readers_;   // of a node
  std::vector<int> depth_;     // operations from the leaves to a node
};

Tensor minus(Tensor x) {
  const Match without = negated(x);
  if (without) return *without;
  if (const std::optional<double> c = ir::constant_value(x))
    return broadcast(x.graph->constant(-*c), x.shape());
  return -x;
}

// (p + q) + r = p + (q + r) for products p and q and another r, with any signs.
Graph add_products_last(const Graph& graph) {
  const Search search(graph);
  ir::Rewriter rewriter(graph);
  for (int id = 0; id < rewriter.size(); ++id) {
    if (rewriter.has(id)) continue;
    const Node& sum = graph[id];
    const int pair = search.pair(sum);
    if (pair < 0) {
      rewriter.copy(id);
      continue;
    }
    const auto at = rewriter.at(id);
    const Node& inner = graph[sum.operands[pair]];
    const Tensor p = rewriter[inner.operands[0]], q = rewriter[inner.operands[1]];
    const Tensor r = rewriter[sum.operands[1 - pair]];
    const bool plus_r = pair == 1 || sum.op == op_of<Add>;
    const bool minus_pair = pair == 1 && sum.op == op_of<Sub>;
    const bool plus_q = inner.op == op_of<Add>;
    if (minus_pair)
      rewriter.set(id, (plus_q ? r - q : r + q) - p);
    else if (plus_q)
      rewriter.set(id, p + (plus_r ? q + r : q - r));
    else
      rewriter.set(id, p - (plus_r ? q - r : q + r));
  }
  return ir::compact(std::move(rewriter).take());
}

}  // namespace

Graph fuse_multiply_adds(const Graph& unsorted) {
  const Graph graph = add_products_last(unsorted);
  const Search search(graph);
  ir::Rewriter rewriter(graph);
  for (int id = 0; id < rewriter.size(); ++id) {
    if (rewriter.has(id)) continue;
    const Node& sum = graph[id];
    const int term = search.fused(sum);
    if (term < 0) {
      rewriter.copy(id);
      continue;
    }
    const auto at = rewriter.at(id);
    const Node& product = graph[sum.operands[term]];
    Tensor a = rewriter[product.operands[0]], b = rewriter[product.operands[1]];
    Tensor rest = rewriter[sum.operands[1 - term]];
    if (sum.op == op_of<Sub> && term == 0) rest = minus(rest);
    if (sum.op == op_of<Sub> && term == 1) {
      Tensor& factor = search.takes_sign(product, a, b) ? a : b;
      factor = minus(factor);
    }
    rewriter.set(id, fma(a, b, rest));
  }
  return ir::compact(std::move(rewriter).take());
}

}  // namespace gradc::passes
