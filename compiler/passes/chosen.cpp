#include "passes/chosen.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <utility>

#include "ir/cost_model.h"
#include "passes/algebra.h"

namespace gradc::passes {
namespace {

using Nodes = std::set<int>;

bool is_view(const Node& node) {
  const Kind kind = info_of(node.op).kind;
  return kind == Kind::kView || kind == Kind::kBroadcast;
}

bool is_elementwise(const Node& node) { return info_of(node.op).kind == Kind::kElementwise; }

class Chooser {
 public:
  Chooser(const Graph& graph, const Joins& joins, const std::set<int>& inlined)
      : graph_(graph),
        joins_(joins),
        inlined_(inlined),
        chosen_(graph.nodes.size(), false),
        repeated_(repeated_along_rows()) {}

  Choice run() {
    choose_required();
    choose_shared();
    choose_ahead();
    return {std::move(chosen_), std::move(optional_)};
  }

 private:
  bool is_leaf(int node) const { return graph_[node].op == op_of<LeafOp>; }
  void choose(int node) {
    if (!is_leaf(node)) chosen_[node] = true;
  }
  // Whether a node is a root, or would be one if all that need it did not find it at hand.
  bool is_value(int id) const { return chosen_[id] || inlined_.contains(id); }
  void choose_optional(int id, Root::Reason reason) {
    if (chosen_[id] || inlined_.contains(id)) return;
    chosen_[id] = true;
    optional_[id] = reason;
  }

  // What a contraction reads lies in memory; views of it are read in place. Rows that are gathered
  // are put where a reshape wants them, which keeps its axes whole.
  void choose_base(int node) {
    int base = node, reshaped = -1;
    while (is_view(graph_[base]) && graph_[base].op != op_of<Pad>) {
      if (graph_[base].op == op_of<Reshape> && reshaped < 0) reshaped = base;
      base = graph_[base].operands[0];
    }
    choose(graph_[base].op == op_of<Gather> && reshaped >= 0 ? reshaped : base);
  }

  void choose_required() {
    for (const Output& output : graph_.outputs) choose(output.node);
    for (const Update& update : graph_.updates) choose(update.node);
    if (graph_.loss >= 0) choose(graph_.loss);
    for (std::size_t at = 0; at < graph_.nodes.size(); ++at) {
      const int id = static_cast<int>(at);
      const Node& node = graph_[id];
      if (kind_of_root(node.op) != Root::Kind::kMap && !joins_.within.contains(id)) choose(id);
      if (joins_.at.contains(id)) choose(id);
      if (is_stored_rounded(graph_, id)) choose(id);
      if (node.op == op_of<Contract>)
        for (int operand : node.operands) choose_base(operand);
      if (node.op == op_of<Gather>) choose(node.operands[0]);
    }
  }

  // By node: the roots, as `is_root` says, whose expressions it is part of. `visit` is called with
  // those of each node before its operands learn of it, and may choose it.
  template <class IsRoot, class Visit>
  std::vector<Nodes> roots_that_need(IsRoot is_root, Visit visit) {
    std::vector<Nodes> needed_by(graph_.nodes.size());
    for (int id = static_cast<int>(graph_.nodes.size()) - 1; id >= 0; --id) {
      visit(id, needed_by[id]);
      for (int operand : graph_[id].operands) {
        if (is_root(id))
          needed_by[operand].insert(id);
        else
          needed_by[operand].insert(needed_by[id].begin(), needed_by[id].end());
      }
    }
    return needed_by;
  }

  // By node: whether it is made of what a kernel has worked out before.
  std::vector<bool> made_of_values() const {
    std::vector<bool> made(graph_.nodes.size());
    for (std::size_t at = 0; at < graph_.nodes.size(); ++at)
      for (const int operand : graph_[static_cast<int>(at)].operands)
        if (chosen_[operand] || made[operand]) made[at] = true;
    return made;
  }

  void choose_shared() {
    made_of_values_ = made_of_values();
    const auto is_root = [&](int id) -> bool { return chosen_[id]; };
    const std::vector<Nodes> needed_by = roots_that_need(is_root, [&](int id, const Nodes& roots) {
      const Node& node = graph_[id];
      const bool expensive =
          node.type.rank() > 0 ? ir::is_expensive(node.op) : ir::is_transcendental(node.op);
      if (expensive && roots.size() > 1) choose_optional(id, Root::Reason::kExpensive);
      if (is_elementwise(node) && roots.size() > 1 && is_scalar_of_rows(id, roots))
        choose_optional(id, Root::Reason::kOfRows);
    });
    std::vector<double> bytes(graph_.nodes.size());  // that working a value out reads
    for (std::size_t at = 0; at < graph_.nodes.size(); ++at) {
      const int id = static_cast<int>(at);
      const Node& node = graph_[id];
      const double own = static_cast<double>(elements_of(node.type.shape));
      for (int operand : node.operands) bytes[at] += bytes[static_cast<std::size_t>(operand)];
      const double readers = static_cast<double>(needed_by[at].size());
      if (is_elementwise(node) && ir::is_worth_storing(readers, bytes[at], own))
        choose_optional(id, Root::Reason::kTraffic);
      if (is_view(node)) bytes[at] = std::min(bytes[at], own);
      if (chosen_[at] || is_leaf(id) || node.op == op_of<Gather>) bytes[at] = own;
    }
  }

  // By node: whether somebody repeats it along rows, whatever views are between.
  std::vector<bool> repeated_along_rows() const {
    std::vector<bool> repeated(graph_.nodes.size());
    for (std::size_t at = graph_.nodes.size(); at-- > 0;) {
      const Node& node = graph_[static_cast<int>(at)];
      const int last = node.type.rank() - 1;
      if (node.op == op_of<Broadcast> && last >= 0 && !is_unit(node.type.shape[last])) {
        const Shape& shape = graph_[node.operands[0]].type.shape;
        const auto source = static_cast<int>(node.attributes.ints[last]);
        if (source < 0 || is_unit(shape[source])) repeated[node.operands[0]] = true;
      }
      if (is_view(node) && repeated[at]) repeated[node.operands[0]] = true;
    }
    return repeated;
  }
  // Whether a value takes some operations and one number of it goes with a whole row of several
  // roots: with the row in the lanes it would be worked out by itself for each of them.
  bool is_scalar_of_rows(int id, const Nodes& roots) const {
    const auto own = elements_of(graph_[id].type.shape);
    if (own == 1 || !repeated_[id]) return false;
    if (operations_of(id, ir::kKeepOperations) < ir::kKeepOperations) return false;
    if (!made_of_values_[id]) return false;  // it would be a kernel of its own
    return std::ranges::count_if(roots, [&](int root) {
             if (kind_of_root(graph_[root].op) == Root::Kind::kContract) return false;
             const bool folds = kind_of_root(graph_[root].op) == Root::Kind::kReduce;
             const int along = folds ? graph_[root].operands[0] : root;
             return elements_of(graph_[along].type.shape) > own;
           }) > 1;
  }
  // Elementwise operations that make a value, as far as `most`.
  int operations_of(int id, int most) const {
    if (is_leaf(id) || chosen_[id] || !is_elementwise(graph_[id]) || most == 0) return 0;
    int operations = 1;
    for (const int operand : graph_[id].operands)
      operations += operations_of(operand, most - std::min(most, operations));
    return operations;
  }

  void choose_ahead() {
    const std::vector<Nodes> needed_by =
        roots_that_need([&](int id) { return is_value(id); }, [](int, const Nodes&) {});
    std::vector<Nodes> made_of(graph_.nodes.size());  // roots that an expression reads
    std::vector<int> users(graph_.nodes.size());
    std::vector<std::pair<int, int>> products;  // a value, and what it is multiplied by
    for (std::size_t at = 0; at < graph_.nodes.size(); ++at) {
      const Node& node = graph_[static_cast<int>(at)];
      for (const int operand : node.operands) {
        ++users[static_cast<std::size_t>(operand)];
        const Nodes read = is_value(operand) ? Nodes{operand} : made_of[operand];
        made_of[at].insert(read.begin(), read.end());
      }
      if (node.op != op_of<Mul> && node.op != op_of<Fma>) continue;
      products.emplace_back(node.operands[0], node.operands[1]);
      products.emplace_back(node.operands[1], node.operands[0]);
    }
    for (const auto& [value, factor] : products) {
      if (is_value(value) || users[value] != 1 || !is_elementwise(graph_[value])) continue;
      const Nodes later = is_value(factor) ? Nodes{factor} : made_of[factor];
      if (is_worth_ahead(value, made_of[value], later, needed_by))
        choose_optional(value, Root::Reason::kAhead);
    }
  }

  // Whether `value` waits for a sum among `later`, and of all that it is made of, several tensors
  // of its size, nothing else would wait: what else reads them goes through the same rows, before.
  bool is_worth_ahead(int value, const Nodes& made_of, const Nodes& later,
                      const std::vector<Nodes>& needed_by) const {
    const auto is_whole = [&](int node) {
      return same_shape(graph_[node].type.shape, graph_[value].type.shape);
    };
    const auto whole = std::ranges::count_if(made_of, is_whole);
    if (whole < 2) return false;
    const auto sum = std::ranges::find_if(later, [&](int node) {
      return node > *made_of.rbegin() && kind_of_root(graph_[node].op) != Root::Kind::kMap;
    });
    if (sum == later.end()) return false;
    return std::ranges::none_of(made_of, [&](int source) {
      if (later.contains(source)) return true;
      return is_whole(source) && std::ranges::any_of(needed_by[source], [&](int root) {
               const bool is_beside = root < *sum && is_whole(root) &&
                                      kind_of_root(graph_[root].op) == Root::Kind::kMap;
               return !needed_by[value].contains(root) && !is_beside;
             });
    });
  }

  const Graph& graph_;
  const Joins& joins_;
  const std::set<int>& inlined_;
  std::vector<bool> chosen_;
  const std::vector<bool> repeated_;
  std::vector<bool> made_of_values_;
  std::map<int, Root::Reason> optional_;
};

}  // namespace

Choice choose_roots(const Graph& graph, const Joins& joins, const std::set<int>& inlined) {
  return Chooser(graph, joins, inlined).run();
}

}  // namespace gradc::passes
