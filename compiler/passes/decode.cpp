#include "passes/decode.h"

#include <gradc/dsl.h>

#include <array>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "passes/specialise.h"
#include "support/check.h"

namespace gradc::passes {
namespace {

// What an axis of a value is, in the decoder: no time, the present position, or all until then.
enum class When : char { kNever, kNow, kPast };
using Times = std::array<When, kMaxRank>;

struct Refused {
  LooksAhead why;
};

bool has(const Times& times, When when) {
  for (const When each : times)
    if (each == when) return true;
  return false;
}

class Decoding {
 public:
  explicit Decoding(const Graph& whole)
      : whole_(whole),
        depends_(whole.nodes.size()),
        moves_(whole.nodes.size()),
        works_(whole.nodes.size()) {
    for (const Leaf& leaf : whole.leaves) depends_[leaf.node] = leaf.role == Role::kInput;
    for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
      const Node& node = whole.nodes[i];
      const Kind kind = info_of(node.op).kind;
      for (const Dim& dim : node.type.shape) moves_[i] = moves_[i] || dim.time;
      works_[i] = kind == Kind::kContract || kind == Kind::kReduce;
      for (const int operand : node.operands) {
        depends_[i] = depends_[i] || depends_[operand];
        moves_[i] = moves_[i] || moves_[operand];
        works_[i] = works_[i] || works_[operand];
      }
    }
  }

  // False: there is no output along the time.
  bool run() {
    graph_.name = whole_.name;
    graph_.real = whole_.real;
    graph_.precision = whole_.precision;
    graph_.batch_dim = whole_.batch_dim;
    graph_.files = whole_.files;
    declare_leaves();
    bool any = false;
    for (const Output& output : whole_.outputs) {
      const Shape& shape = whole_[output.node].type.shape;
      Times times{};
      for (int axis = 0; axis < shape.size(); ++axis)
        if (shape[axis].time) times[axis] = When::kNow;
      if (!has(times, When::kNow)) continue;
      any = true;
      const Tensor now = derive(output.node, times);
      const Graph::At at(graph_, output.location);
      graph_.output(std::string_view(output.name), now);
    }
    return any;
  }

  Graph take() { return std::move(graph_); }

 private:
  // All parameters, so that they can be loaded like the model's, and inputs of one position. States
  // and settings follow when they are asked for, which those of an optimizer never are.
  void declare_leaves() {
    for (const Leaf& leaf : whole_.leaves)
      if (leaf.role == Role::kParameter || leaf.role == Role::kInput) declare(leaf);
    const Graph::At at(graph_, Location{});
    position_ = graph_.tokens(kPresentPosition, {}, whole_.time_dim.size);
  }

  Tensor declare(const Leaf& leaf) {
    if (const auto known = leaves_.find(leaf.node); known != leaves_.end()) return known->second;
    const Node& node = whole_[leaf.node];
    const Graph::At at(graph_, node.location);
    Type type = node.type;
    for (Dim& dim : type.shape)
      if (leaf.role == Role::kInput && dim.time) dim = Dim(1);
    const Tensor tensor = graph_.leaf(leaf.role, std::string_view(leaf.name), type,
                                      leaf.initializer, std::source_location());
    graph_.leaves.back().classes = leaf.classes;
    graph_.leaves.back().classes_option = leaf.classes_option;
    return leaves_[leaf.node] = tensor;
  }

  [[noreturn]] void refuse(int node, const std::string& message) const {
    throw Refused{{message, whole_[node].location}};
  }

  const Shape& shape_of(int node) const { return whole_[node].type.shape; }

  Shape derived_shape(int node, const Times& times) const {
    Shape shape = shape_of(node);
    for (int axis = 0; axis < shape.size(); ++axis)
      if (times[axis] == When::kNow) shape[axis] = Dim(1);
    return shape;
  }

  Tensor derive(int id, const Times& times) {
    const std::pair<int, Times> key{id, times};
    if (const auto known = derived_.find(key); known != derived_.end()) return known->second;
    const Tensor tensor = keeps(id, times) ? keep(id, times)
                          : stands(id)     ? keep_first(id)
                                           : build(id, times);
    derived_[key] = tensor;
    return tensor;
  }

  // What is used across time and not known from places alone.
  bool keeps(int id, const Times& times) const {
    return depends_[id] && has(times, When::kPast) && !has(times, When::kNow);
  }

  // What is the same at all positions and takes work: an encoder's result. A view is read in place.
  bool stands(int id) const {
    const Kind kind = info_of(whole_[id].op).kind;
    return !in_first_ && depends_[id] && works_[id] && !moves_[id] && kind != Kind::kView &&
           kind != Kind::kBroadcast;
  }

  // A state that takes its value at the first position. It comes back with it.
  Tensor keep_first(int id) {
    in_first_ = true;
    const Tensor value = build(id, Times{});
    in_first_ = false;
    const Graph::At at(graph_, whole_[id].location);
    const Tensor state = graph_.leaf(
        Role::kState, std::string_view("decode/memory" + to_text(std::int64_t{memories_++})),
        whole_[id].type, zeros(), std::source_location());
    const Tensor first = equal(cast(position_), graph_.constant(0));
    const Tensor next = where(broadcast(first, shape_of(id)), value, state);
    graph_.update(state, next);
    return next;
  }

  // A state whose row at the present position takes the value of now. It comes back with that row.
  Tensor keep(int id, const Times& times) {
    Times now = times;
    int axis = -1;
    for (int i = 0; i < kMaxRank; ++i) {
      if (times[i] != When::kPast) continue;
      if (axis >= 0) refuse(id, "this is kept across time along two axes");
      axis = i;
      now[i] = When::kNow;
    }
    const Tensor row = derive(id, now);
    const Graph::At at(graph_, whole_[id].location);
    const Shape shape = shape_of(id);
    const Tensor state = graph_.leaf(
        Role::kState, std::string_view("decode/cache" + to_text(std::int64_t{caches_++})),
        {whole_[id].type.element, shape}, zeros(), std::source_location());
    const Tensor here = equal(cast(graph_.iota(shape, axis)), place_of(shape));
    const Tensor next = where(here, broadcast(row, shape), state);
    graph_.update(state, next);
    return next;
  }

  // The present position, as a real number everywhere.
  Tensor place_of(const Shape& shape) { return broadcast(cast(position_), shape); }

  Tensor build(int id, const Times& times) {
    const Node& node = whole_[id];
    switch (info_of(node.op).kind) {
      case Kind::kLeaf:
        return leaf(id, times);
      case Kind::kIota:
        return count(id, times);
      case Kind::kElementwise:
        return elementwise(id, times);
      case Kind::kBroadcast:
        return repeated(id, times);
      case Kind::kView:
        return view(id, times);
      case Kind::kReduce:
        return reduced(id, times);
      case Kind::kContract:
        return contracted(id, times);
      case Kind::kIndexed:
        if (node.op == op_of<Gather>) return gathered(id, times);
        [[fallthrough]];
      default:
        refuse(id, std::string(info_of(node.op).name) + " cannot be computed position by position");
    }
  }

  Tensor append(int id, const Operands& operands, const Attributes& attributes,
                const Shape& shape) {
    const Node& node = whole_[id];
    return graph_.append(node.op, operands, attributes, {node.type.element, shape}, node.location);
  }

  Tensor leaf(int id, const Times& times) {
    const Node& node = whole_[id];
    if (node.op != op_of<LeafOp>) return append(id, {}, node.attributes, node.type.shape);
    const Leaf& leaf = *whole_.leaf_of(id);
    const Tensor tensor = declare(leaf);
    const Shape& shape = node.type.shape;
    for (int axis = 0; axis < shape.size(); ++axis) {
      if (leaf.role == Role::kInput && shape[axis].time && times[axis] != When::kNow)
        refuse(id, "\"" + leaf.name.str() + "\" is read at all positions at once");
      if (leaf.role == Role::kInput || times[axis] != When::kNow) continue;
      if (axis != 0)
        refuse(id, "\"" + leaf.name.str() + "\" has the time elsewhere than as its first axis");
      const Graph::At at(graph_, node.location);
      return gather(tensor, reshape(position_, {1}));
    }
    return tensor;
  }

  Tensor count(int id, const Times& times) {
    const Node& node = whole_[id];
    const auto axis = static_cast<int>(node.attributes.ints[0]);
    const Shape shape = derived_shape(id, times);
    const Graph::At at(graph_, node.location);
    if (times[axis] != When::kNow) return append(id, {}, node.attributes, shape);
    Shape unit = shape;
    for (Dim& dim : unit) dim = Dim(1);
    return broadcast(reshape(position_, unit), shape);
  }

  Tensor elementwise(int id, const Times& times) {
    const Node& node = whole_[id];
    Operands operands;
    for (const int operand : node.operands) operands.push_back(derive(operand, times).node);
    return append(id, operands, node.attributes, derived_shape(id, times));
  }

  Tensor repeated(int id, const Times& times) {
    const Node& node = whole_[id];
    Times inner{};
    for (int axis = 0; axis < shape_of(id).size(); ++axis) {
      const auto source = static_cast<int>(node.attributes.ints[axis]);
      if (source >= 0 && shape_of(node.operands[0])[source] == shape_of(id)[axis])
        inner[source] = times[axis];
    }
    return append(id, {derive(node.operands[0], inner).node}, node.attributes,
                  derived_shape(id, times));
  }

  Tensor view(int id, const Times& times) {
    const Node& node = whole_[id];
    const int operand = node.operands[0];
    const Shape &from = shape_of(operand), &to = shape_of(id);
    Times inner{};
    Attributes attributes = node.attributes;
    if (node.op == op_of<Transpose>) {
      for (int axis = 0; axis < to.size(); ++axis)
        inner[static_cast<std::size_t>(node.attributes.ints[axis])] = times[axis];
    } else if (node.op == op_of<Reshape>) {
      // An axis stays itself where as much lies before it, and it is as long.
      for (int axis = 0; axis < to.size(); ++axis) {
        if (times[axis] == When::kNever) continue;
        const auto before = [](const Shape& shape, int end) {
          std::int64_t count = 1;
          for (int i = 0; i < end; ++i) count *= shape[i].size;
          return count;
        };
        int source = -1;
        for (int i = 0; i < from.size(); ++i)
          if (before(from, i) == before(to, axis) && from[i].size == to[axis].size) source = i;
        if (source < 0) refuse(id, "this merges the time with another axis");
        inner[source] = times[axis];
      }
    } else {
      for (int axis = 0; axis < to.size(); ++axis) {
        inner[axis] = times[axis];
        if (times[axis] == When::kNever) continue;
        if (from[axis].size != to[axis].size) refuse(id, "this shifts or cuts the time");
        if (node.op == op_of<Slice> && times[axis] == When::kNow)
          attributes.ints[from.size() + axis] = 1;
      }
    }
    return append(id, {derive(operand, inner).node}, attributes, derived_shape(id, times));
  }

  Tensor reduced(int id, const Times& times) {
    const Node& node = whole_[id];
    const int operand = node.operands[0];
    const Shape& from = shape_of(operand);
    const auto& folded = node.attributes.ints;
    Times inner{};
    std::vector<int> past;
    for (int axis = 0, next = 0, kept = 0; axis < from.size(); ++axis) {
      if (next < folded.size() && folded[next] == axis) {
        ++next;
        if (!from[axis].time) continue;
        inner[axis] = When::kPast;
        past.push_back(axis);
      } else {
        inner[axis] = times[kept++];
      }
    }
    const double neutral = node.op == op_of<Max> ? -std::numeric_limits<double>::infinity() : 0.0;
    for (const int axis : past)
      if (later(operand, inner, axis) != neutral) refuse(id, kAhead);
    return append(id, {derive(operand, inner).node}, node.attributes, derived_shape(id, times));
  }

  Tensor contracted(int id, const Times& times) {
    const Node& node = whole_[id];
    const ContractAxes axes = ContractAxes::decode(node.attributes);
    const int a = node.operands[0], b = node.operands[1];
    Times left{}, right{};
    int next = 0;
    for (int i = 0; i < axes.left_batch.size(); ++i, ++next)
      left[axes.left_batch[i]] = right[axes.right_batch[i]] = times[next];
    for (const int axis : axes.left_free(shape_of(a).size())) left[axis] = times[next++];
    for (const int axis : axes.right_free(shape_of(b).size())) right[axis] = times[next++];
    for (int i = 0; i < axes.left_over.size(); ++i)
      if (shape_of(a)[axes.left_over[i]].time || shape_of(b)[axes.right_over[i]].time)
        left[axes.left_over[i]] = right[axes.right_over[i]] = When::kPast;
    for (int i = 0; i < axes.left_over.size(); ++i)
      if (left[axes.left_over[i]] == When::kPast && later(a, left, axes.left_over[i]) != 0.0 &&
          later(b, right, axes.right_over[i]) != 0.0)
        refuse(id, kAhead);
    return append(id, {derive(a, left).node, derive(b, right).node}, node.attributes, {});
  }

  Tensor gathered(int id, const Times& times) {
    const Node& node = whole_[id];
    const int table = node.operands[0], indices = node.operands[1];
    const int depth = shape_of(indices).size();
    Times of_table{}, of_indices{};
    for (int axis = 0; axis < shape_of(id).size(); ++axis)
      (axis < depth ? of_indices[axis] : of_table[axis - depth + 1]) = times[axis];
    if (shape_of(table)[0].time && depends_[table]) refuse(id, "this looks positions up by index");
    return append(id, {derive(table, of_table).node, derive(indices, of_indices).node},
                  node.attributes, {});
  }

  // The value of a node where `axis` stands behind the present position, if that is a constant.
  std::optional<double> later(int id, const Times& times, int axis) const {
    const Node& node = whole_[id];
    if (node.op == op_of<Constant>) return node.attributes.value;
    if (node.op == op_of<Broadcast>) {
      Times inner{};
      int below = -1;
      for (int i = 0; i < shape_of(id).size(); ++i) {
        const auto source = static_cast<int>(node.attributes.ints[i]);
        if (source < 0 || !(shape_of(node.operands[0])[source] == shape_of(id)[i])) continue;
        inner[source] = times[i];
        if (i == axis) below = source;
      }
      if (below < 0 && node.operands.size() == 1 && whole_[node.operands[0]].op != op_of<Constant>)
        return {};
      return later(node.operands[0], inner, below);
    }
    if (info_of(node.op).kind != Kind::kElementwise) return {};
    const auto x = [&](int i) { return later(node.operands[i], times, axis); };
    if (node.op == op_of<LessEqual>) {
      if (axis >= 0 && counts(node.operands[0], axis) && counts_now(node.operands[1], times))
        return 0;
      return {};
    }
    if (node.op == op_of<Where>) {
      const std::optional<double> mask = x(0);
      return mask ? (*mask != 0 ? x(1) : x(2)) : std::nullopt;
    }
    if (node.op == op_of<Detach>) return x(0);
    const double low = -std::numeric_limits<double>::infinity();
    if (node.op == op_of<Mul>)
      return x(0) == 0.0 || x(1) == 0.0 ? std::optional(0.0) : std::nullopt;
    if (node.op == op_of<Div>) return x(0) == 0.0 ? std::optional(0.0) : std::nullopt;
    if (node.op == op_of<RoundToBf16> || node.op == op_of<RoundToInt8>)
      return x(0) == 0.0 ? std::optional(0.0) : std::nullopt;
    if (node.op == op_of<Sub> || node.op == op_of<Add>) {
      if (x(0) == low) return low;
      return x(0) == 0.0 && x(1) == 0.0 ? std::optional(0.0) : std::nullopt;
    }
    if (node.op == op_of<Exp>) return x(0) == low ? std::optional(0.0) : std::nullopt;
    return {};
  }

  // Whether a node counts 0, 1, 2, ... along an axis.
  bool counts(int id, int axis) const {
    const Node& node = whole_[id];
    if (node.op == op_of<Iota>) return node.attributes.ints[0] == axis;
    if (node.op == op_of<Cast>) return counts(node.operands[0], axis);
    if (node.op != op_of<Broadcast> || node.attributes.ints[axis] < 0) return false;
    const auto source = static_cast<int>(node.attributes.ints[axis]);
    return shape_of(node.operands[0])[source] == shape_of(id)[axis] &&
           counts(node.operands[0], source);
  }
  bool counts_now(int id, const Times& times) const {
    for (int axis = 0; axis < shape_of(id).size(); ++axis)
      if (times[axis] == When::kNow && counts(id, axis)) return true;
    return false;
  }

  static constexpr char kAhead[] = "this looks ahead: later positions count in what is generated";

  const Graph& whole_;
  // By node: whether it depends on an input, on the time, and on sums over several places.
  std::vector<bool> depends_, moves_, works_;
  bool in_first_ = false;  // working out what is kept from the first position on
  Graph graph_;
  std::map<int, Tensor> leaves_;
  Tensor position_;
  std::map<std::pair<int, Times>, Tensor> derived_;
  int caches_ = 0, memories_ = 0;
};

}  // namespace

std::optional<Decoder> decode(const Graph& predicted) {
  if (predicted.time_dim.size == 0) return {};
  const Graph whole = specialise(predicted, false);
  Decoding decoding(whole);
  try {
    if (!decoding.run()) return {};
  } catch (const Refused& refused) {
    return Decoder{{}, refused.why};
  }
  return Decoder{decoding.take(), {}};
}

}  // namespace gradc::passes
