#include "frontend/thaw.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "support/intern.h"

namespace gradc::frontend {
namespace {

// Nodes that repeats may write out together: far above what can be declared, and soon done.
constexpr std::int64_t kMostRepeated = 10'000'000;

template <class Enum>
bool at_most(Enum value, Enum last) {
  return static_cast<int>(value) <= static_cast<int>(last);
}

bool in_range(const Node& node, int index, const Graph& graph) {
  if (static_cast<int>(node.op) >= Ops::size) return false;
  const OpInfo& info = info_of(node.op);
  if (node.operands.size() != info.arity || !at_most(node.type.element, Element::kPoison))
    return false;
  for (int operand : node.operands)
    if (operand < 0 || operand >= index) return false;
  if (node.op != op_of<LeafOp>) return true;
  const auto& ints = node.attributes.ints;
  return ints.size() == 1 && ints[0] >= 0 &&
         ints[0] < static_cast<std::int64_t>(graph.leaves.size()) &&
         graph.leaves[static_cast<std::size_t>(ints[0])].node == index;
}

bool in_range(const Leaf& leaf, int nodes) {
  return at_most(leaf.role, Role::kState) && leaf.node >= 0 && leaf.node < nodes &&
         at_most(leaf.initializer.kind, Initializer::Kind::kUniform);
}

bool in_range(const Graph& graph) {
  const int nodes = static_cast<int>(graph.nodes.size());
  const auto names_file = [&](const Location& location) {
    return location.file >= -1 && location.file < static_cast<int>(graph.files.size());
  };
  const auto names_node = [&](int node) { return node >= 0 && node < nodes; };
  for (int i = 0; i < nodes; ++i)
    if (!in_range(graph.nodes[i], i, graph) || !names_file(graph.nodes[i].location)) return false;
  for (const Leaf& leaf : graph.leaves)
    if (!in_range(leaf, nodes)) return false;
  for (const Output& output : graph.outputs)
    if (!names_node(output.node) || !names_file(output.location)) return false;
  for (const Update& update : graph.updates)
    if (!names_node(update.leaf) || !names_node(update.node) || !names_file(update.location))
      return false;
  const auto names_part = [](int first, int last, std::size_t size) {
    return first >= 0 && first <= last && last <= static_cast<int>(size);
  };
  std::int64_t more = 0;
  int at = 0, at_update = 0;
  for (const Repeat& repeat : graph.repeats) {
    if (!names_part(repeat.first, repeat.last, graph.nodes.size()) ||
        !names_part(repeat.first_update, repeat.last_update, graph.updates.size()) ||
        !names_part(repeat.last, repeat.at, graph.nodes.size()) ||
        !names_part(repeat.last_update, repeat.at_update, graph.updates.size()))
      return false;
    for (int node : {repeat.sample, repeat.sample_gradient, repeat.parameter, repeat.gradient})
      if (node < 0 || node >= repeat.at) return false;
    for (int node : {repeat.sample, repeat.parameter})
      if (graph.nodes[node].op != op_of<LeafOp>) return false;
    if (repeat.at < at || repeat.at_update < at_update) return false;
    at = repeat.at, at_update = repeat.at_update;
    more += repeat.last - repeat.first;
  }
  if (more > kMostRepeated) return false;
  for (const ConfigFact& fact : graph.config_facts)
    if (!names_file(fact.location)) return false;
  for (const Diagnostic& diagnostic : graph.diagnostics) {
    if (!names_file(diagnostic.location)) return false;
    for (const Note& note : diagnostic.notes)
      if (!names_file(note.location)) return false;
  }
  return graph.loss >= -1 && graph.loss < nodes && graph.real != Element::kI32 &&
         at_most(graph.real, Element::kPoison) && at_most(graph.data.kind, Dataset::Kind::kPairs) &&
         at_most(graph.data.order, Dataset::Order::kSequential);
}

// A graph with its repeats written out as an optimizer would have declared them.
class Expansion {
 public:
  explicit Expansion(Graph in) : in_(std::move(in)), out_(in_) {
    out_.nodes.clear();
    out_.leaves.clear();
    out_.updates.clear();
    out_.repeats.clear();
  }

  Graph run() {
    std::size_t next = 0;
    for (int node = 0; node <= static_cast<int>(in_.nodes.size()); ++node) {
      for (; next < in_.repeats.size() && in_.repeats[next].at == node; ++next)
        own_.push_back(repeated(in_.repeats[next]));
      if (node < static_cast<int>(in_.nodes.size())) copy(in_.nodes[node]);
    }
    next = 0;
    for (int update = 0; update <= static_cast<int>(in_.updates.size()); ++update) {
      for (; next < in_.repeats.size() && in_.repeats[next].at_update == update; ++next)
        for (int i = in_.repeats[next].first_update; i < in_.repeats[next].last_update; ++i)
          if (own_[next].contains(in_.updates[i].leaf)) this->update(in_.updates[i], own_[next]);
      if (update < static_cast<int>(in_.updates.size())) this->update(in_.updates[update], {});
    }
    for (Output& output : out_.outputs) output.node = places_[output.node];
    if (out_.loss >= 0) out_.loss = places_[out_.loss];
    return std::move(out_);
  }

 private:
  using Places = std::unordered_map<int, int>;  // of nodes of `in_` in `out_`

  void copy(Node node) {
    places_.push_back(static_cast<int>(out_.nodes.size()));
    for (int& operand : node.operands) operand = places_[operand];
    if (node.op == op_of<LeafOp>) {
      Leaf leaf = in_.leaves[node.attributes.ints[0]];
      leaf.node = places_.back();
      node.attributes.ints[0] = static_cast<std::int64_t>(out_.leaves.size());
      out_.leaves.push_back(std::move(leaf));
    }
    out_.nodes.push_back(node);
  }

  // What of the sample's nodes depends on it, once more; nothing else is the repeat's own.
  Places repeated(const Repeat& repeat) {
    Places own{{repeat.sample, places_[repeat.parameter]},
               {repeat.sample_gradient, places_[repeat.gradient]}};
    const std::string sample = in_.leaf_of(repeat.sample)->name.str() + "/";
    const std::string name = in_.leaf_of(repeat.parameter)->name.str() + "/";
    for (int i = repeat.first; i < repeat.last; ++i) {
      const Node& node = in_.nodes[i];
      const Graph::At at(out_, node.location);
      if (node.op == op_of<LeafOp>) {
        const Leaf& leaf = *in_.leaf_of(i);
        const std::string state = leaf.name.str();
        if (leaf.role == Role::kState && state.starts_with(sample))
          own[i] = out_.state(name + state.substr(sample.size()), node.type.shape, leaf.initializer)
                       .node;
        continue;
      }
      const bool depends =
          std::ranges::any_of(node.operands, [&](int operand) { return own.contains(operand); });
      if (!depends) continue;
      Operands operands;
      for (int operand : node.operands) operands.push_back(place(operand, own));
      own[i] = out_.append(node.op, operands, node.attributes, node.type, node.location).node;
    }
    return own;
  }

  void update(const Update& update, const Places& own) {
    const Graph::At at(out_, update.location);
    out_.update({&out_, place(update.leaf, own)}, Tensor{&out_, place(update.node, own)});
  }

  int place(int node, const Places& own) const {
    const auto found = own.find(node);
    return found == own.end() ? places_[node] : found->second;
  }

  Graph in_, out_;
  std::vector<int> places_;
  std::vector<Places> own_;  // of each repeat
};

}  // namespace

std::optional<Graph> thaw(const Frozen& frozen) {
  Reader reader(frozen, support::intern);
  Graph graph;
  transfer(reader, graph);
  if (!reader.ok || !in_range(graph)) return {};
  // Of a declaration with mistakes nothing but these is read.
  if (graph.repeats.empty() || !graph.diagnostics.empty()) return graph;
  return Expansion(std::move(graph)).run();
}

}  // namespace gradc::frontend
