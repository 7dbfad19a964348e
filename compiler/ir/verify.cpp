#include <gradc/dsl.h>
#include <ir/print.h>
#include <ir/verify.h>
#include <support/check.h>

#include <iterator>
#include <set>

namespace gradc::ir {
namespace {

class Verifier {
 public:
  Verifier(const Graph& graph, const VerifyOptions& options)
      : graph_(graph), options_(options), count_(static_cast<int>(graph.nodes.size())) {}

  std::vector<Violation> run() {
    for (const Diagnostic& diagnostic : graph_.diagnostics) violate(0, diagnostic.message.str());
    for (int i = 0; i < count_; ++i) node(i);
    leaves();
    outputs();
    updates();
    loss();
    config_facts();
    std::vector<Violation> by_rule;
    for (int rule = 0; rule < static_cast<int>(std::size(kRules)); ++rule)
      for (Violation& violation : violations_)
        if (violation.rule == rule) by_rule.push_back(std::move(violation));
    return by_rule;
  }

 private:
  void violate(int rule, std::string message) { violations_.push_back({rule, std::move(message)}); }

  bool is_node(int i) const { return i >= 0 && i < count_; }

  // "node 12 (add)"
  std::string called(int i) const {
    if (!is_node(i)) return "node " + std::to_string(i);
    const int op = static_cast<int>(graph_.nodes[i].op);
    return "node " + std::to_string(i) +
           (op < Ops::size ? std::string(" (") + kOpTable[op].name + ")" : "");
  }

  void node(int i) {
    const Node& node = graph_.nodes[i];
    const int op = static_cast<int>(node.op);
    check_location(called(i), node.location);
    if (op >= Ops::size || node.operands.size() != kOpTable[op].arity)
      return violate(1, called(i) + " has " + std::to_string(node.operands.size()) + " operands");
    for (const int operand : node.operands)
      if (operand < 0 || operand >= i)
        return violate(2, called(i) + " uses node " + std::to_string(operand));
    if (node.type.poisoned()) return violate(3, called(i));
    check_inferred(i);
    if (node.type.real() && node.type.element != graph_.real)
      violate(7, called(i) + " is " + name_of(node.type.element) + ", the graph " +
                     name_of(graph_.real));
    for (const Dim& dim : node.type.shape) check_batched(i, dim);
    if (node.op == op_of<Random>) check_random(i);
    if (options_.lowered && info_of(node.op).kind == Kind::kDirective) violate(14, called(i));
  }

  void check_inferred(int i) {
    const Node& node = graph_.nodes[i];
    Types types;
    for (const int operand : node.operands) {
      types.push_back(graph_.nodes[operand].type);
      if (graph_.nodes[operand].type.poisoned()) return;  // said there
    }
    const Inferred inferred = infer_type(node, types);
    if (!inferred.error.empty())
      violate(4, called(i) + ": " + inferred.error.str());
    else if (!(inferred.type == node.type))
      violate(4, called(i) + " is " + print_type(node.type) + ", expected " +
                     print_type(inferred.type));
  }

  void check_batched(int i, const Dim& dim) {
    const std::int64_t batch = graph_.batch_dim.size;
    if (!dim.batched || (batch > 0 && dim.size % batch == 0)) return;
    violate(8, called(i) + " has " + std::to_string(dim.size) + ", " +
                   (batch > 0 ? "the batch is " + std::to_string(batch) : "there is no batch"));
  }

  void check_random(int i) {
    const Node& node = graph_.nodes[i];
    const auto& ints = node.attributes.ints;
    if (ints.size() != 1 || ints[0] < 0 || ints[0] > 0xffffffff)
      violate(12, called(i) + " has no such stream");
    else if (elements_of(node.type.shape) > (std::int64_t{1} << 31))
      violate(12, called(i) + " has " + std::to_string(elements_of(node.type.shape)) + " elements");
  }

  void check_location(const std::string& what, const Location& location) {
    if (location.file < -1 || location.file >= static_cast<int>(graph_.files.size()))
      violate(13, what + " lies in file " + std::to_string(location.file));
  }

  void leaves() {
    const int count = static_cast<int>(graph_.leaves.size());
    std::set<std::string> names;
    for (int k = 0; k < count; ++k) {
      const Leaf& leaf = graph_.leaves[k];
      const std::string what = "leaf \"" + leaf.name.str() + "\"";
      if (leaf.name.empty() || !names.insert(leaf.name.str()).second)
        violate(5, what + " has no name of its own");
      if (!is_node(leaf.node) || graph_.nodes[leaf.node].op != op_of<LeafOp>) {
        violate(5, what + " is " + called(leaf.node));
        continue;
      }
      if (k > 0 && leaf.node <= graph_.leaves[k - 1].node) violate(5, what + " is out of order");
      check_role(what, leaf, graph_.nodes[leaf.node].type);
    }
    for (int i = 0; i < count_; ++i) {
      if (graph_.nodes[i].op != op_of<LeafOp>) continue;
      const auto& ints = graph_.nodes[i].attributes.ints;
      if (ints.size() != 1 || ints[0] < 0 || ints[0] >= count || graph_.leaves[ints[0]].node != i)
        violate(5, called(i) + " names no leaf that names it");
    }
  }

  void check_role(const std::string& what, const Leaf& leaf, const Type& type) {
    if (type.poisoned()) return;  // said there
    const bool index = type.element == Element::kI32;
    const bool fits = index ? leaf.role == Role::kInput && leaf.classes >= 1 : leaf.classes == 0;
    const bool scalar = leaf.role != Role::kSetting || type.rank() == 0;
    if (!fits || !scalar)
      violate(6, what + " is a " + name_of(leaf.role) + " " + print_type(type) + " of " +
                     std::to_string(leaf.classes) + " classes");
  }

  void outputs() {
    std::set<std::string> names;
    for (const Output& output : graph_.outputs) {
      const std::string what = "output \"" + output.name.str() + "\"";
      check_location(what, output.location);
      if (output.name.empty() || !names.insert(output.name.str()).second)
        violate(9, what + " has no name of its own");
      if (!is_node(output.node)) violate(9, what + " is " + called(output.node));
    }
  }

  void updates() {
    std::set<int> updated;
    for (const Update& update : graph_.updates) {
      const std::string what = "the update of " + called(update.leaf);
      check_location(what, update.location);
      const Leaf* leaf = is_node(update.leaf) ? graph_.leaf_of(update.leaf) : nullptr;
      if (leaf == nullptr || (leaf->role != Role::kParameter && leaf->role != Role::kState))
        violate(10, what + " is that of no parameter or state");
      else if (!is_node(update.node))
        violate(10, what + " is " + called(update.node));
      else if (!(graph_.nodes[update.node].type == graph_.nodes[update.leaf].type))
        violate(10, what + " is " + print_type(graph_.nodes[update.node].type) + ", expected " +
                        print_type(graph_.nodes[update.leaf].type));
      if (!updated.insert(update.leaf).second) violate(10, what + " is the second one");
    }
  }

  void loss() {
    if (graph_.loss == -1) return;
    if (!is_node(graph_.loss)) return violate(11, "the loss is " + called(graph_.loss));
    const Type& type = graph_.nodes[graph_.loss].type;
    if (!type.poisoned() && (!type.real() || type.rank() != 0))
      violate(11, called(graph_.loss) + " is " + print_type(type));
  }

  void config_facts() {
    std::set<std::string> keys;
    for (const ConfigFact& fact : graph_.config_facts) {
      const std::string what = "the number \"" + fact.key.str() + "\" of config.json";
      check_location(what, fact.location);
      if (fact.key.empty() || !keys.insert(fact.key.str()).second)
        violate(15, what + " has no key of its own");
    }
  }

  const Graph& graph_;
  const VerifyOptions& options_;
  const int count_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> verify(const Graph& graph, const VerifyOptions& options) {
  return Verifier(graph, options).run();
}

std::string to_string(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations)
    text += "rule " + std::to_string(violation.rule) + ": " + kRules[violation.rule] + ": " +
            violation.message + "\n";
  return text;
}

void check_verified(const Graph& graph, std::string_view when, const VerifyOptions& options) {
  const std::vector<Violation> violations = verify(graph, options);
  CHECK(violations.empty(),
        "after " + std::string(when) + ":\n" + to_string(violations) + print(graph));
}

}  // namespace gradc::ir
