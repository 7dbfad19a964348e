#include <eval/interpret.h>
#include <eval/real.h>
#include <eval/structural.h>
#include <ir/visit.h>
#include <support/check.h>

namespace gradc::eval {
namespace {

using Index = std::vector<std::int64_t>;

template <class A, class B>
constexpr bool kIs = std::is_same_v<A, B>;

class Interpreter {
 public:
  Interpreter(const Graph& graph, const Bindings& bindings)
      : graph_(graph),
        bindings_(bindings),
        batch_(bindings.batch == 0 ? graph.batch_dim.size : bindings.batch) {
    CHECK(batch_ <= graph.batch_dim.size && (batch_ >= 1 || graph.batch_dim.size == 0),
          "a batch of " + std::to_string(batch_) + " of at most " +
              std::to_string(graph.batch_dim.size));
  }

  Values run() {
    values_.nodes.reserve(graph_.nodes.size());
    for (const Node& node : graph_.nodes) {
      const auto evaluate = [&]<class Block>() { return this->evaluate<Block>(node); };
      values_.nodes.push_back(ir::visit(node.op, evaluate));
    }
    return std::move(values_);
  }

 private:
  const Array& operand(const Node& node, int i) const { return values_.nodes[node.operands[i]]; }
  Index extents(const Node& node) const { return running_extents(graph_, node.type.shape, batch_); }

  template <class Block>
  Array evaluate(const Node& node) const {
    if constexpr (ir::kHasBody<Block>)
      return elementwise<Block>(node);
    else
      return structural<Block>(node);
  }

  template <class Block>
  Array elementwise(const Node& node) const {
    Array y(extents(node));
    for (std::size_t i = 0; i < y.elements.size(); ++i) {
      const auto x = [&](int k) { return Real(operand(node, k).elements[i]); };
      if constexpr (Block::arity == 1)
        y.elements[i] = Real(Block::body(x(0))).value;
      else if constexpr (Block::arity == 2)
        y.elements[i] = Real(Block::body(x(0), x(1))).value;
      else
        y.elements[i] = Real(Block::body(x(0), x(1), x(2))).value;
    }
    return y;
  }

  template <class Block>
  Array structural(const Node& node) const {
    const auto& ints = node.attributes.ints;
    const auto x = [&](int k) -> const Array& { return operand(node, k); };
    if constexpr (kIs<Block, LeafOp>)
      return leaf(graph_.leaves[ints[0]], node);
    else if constexpr (kIs<Block, Constant>)
      return Array({}, node.attributes.value);
    else if constexpr (kIs<Block, Extent>)
      return Array({}, static_cast<double>(batch_));
    else if constexpr (kIs<Block, Iota>)
      return iota(extents(node), ints[0]);
    else if constexpr (kIs<Block, Random>)
      return random(extents(node), static_cast<std::uint64_t>(x(0).elements[0]),
                    static_cast<std::uint32_t>(ints[0]),
                    static_cast<std::uint64_t>(x(1).elements[0]));
    else if constexpr (kIs<Block, Sum>)
      return sum(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Max>)
      return max(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Broadcast>)
      return broadcast(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Reshape>)
      return reshape(x(0), extents(node));
    else if constexpr (kIs<Block, Transpose>)
      return transpose(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Slice>)
      return slice(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Pad>)
      return pad(x(0), extents(node), ints);
    else if constexpr (kIs<Block, Contract>)
      return contract(x(0), x(1), extents(node), ContractAxes::decode(node.attributes));
    else if constexpr (kIs<Block, Gather>)
      return gather(x(0), x(1), extents(node));
    else if constexpr (kIs<Block, Scatter>)
      return scatter(x(0), x(1), extents(node));
    else if constexpr (kIs<Block, Training>)
      return bindings_.training ? x(0) : x(1);
    else if constexpr (kIs<Block, Gradient>)
      support::report_bug(__FILE__, __LINE__, "no gradient is left", "differentiate first");
    else
      return Block::the_interpreter_has_no_definition_of_this_op();
  }

  Array leaf(const Leaf& leaf, const Node& node) const {
    Array y(extents(node));
    const std::string name = leaf.name.str();
    const auto bound = bindings_.leaves.find(name);
    if (bound != bindings_.leaves.end()) {
      CHECK(bound->second.size() == y.elements.size(),
            "leaf \"" + name + "\" has " + std::to_string(y.elements.size()) + " elements, not " +
                std::to_string(bound->second.size()));
      y.elements = bound->second;
      return y;
    }
    CHECK(leaf.role != Role::kInput && leaf.initializer.kind == Initializer::Kind::kConstant,
          "leaf \"" + name + "\" has no value");
    return Array(y.extents, leaf.initializer.a);
  }

  const Graph& graph_;
  const Bindings& bindings_;
  const std::int64_t batch_;
  Values values_;
};

}  // namespace

Values interpret(const Graph& graph, const Bindings& bindings) {
  return Interpreter(graph, bindings).run();
}

Index running_extents(const Graph& graph, const Shape& shape, std::int64_t batch) {
  Index extents;
  for (const Dim& dim : shape)
    extents.push_back(dim.batched ? dim.size / graph.batch_dim.size * batch : dim.size);
  return extents;
}

const Array& output_of(const Graph& graph, const Values& values, std::string_view name) {
  for (const Output& output : graph.outputs)
    if (output.name == name) return values[output.node];
  CHECK(false, "no output is called \"" + std::string(name) + "\"");
  return values[0];
}

void apply_updates(const Graph& graph, const Values& values, Bindings& bindings) {
  for (const Update& update : graph.updates)
    bindings.leaves[graph.leaf_of(update.leaf)->name.str()] = values[update.node].elements;
}

}  // namespace gradc::eval
