// The op table: one block an op. What a block says is said nowhere else.
//
//   name     how printer, parser and messages call it
//   doc      its row in the reference (docs/ops.md is generated from this table)
//   kind     which family of rules it belongs to (kinds.h); `infer` is its shape rule
//   body     elementwise ops: the value, written with functions and operators that `double`
//   wrappers,
//            text and vectors all have; it is the interpreter, the constant folder and the emitter
//   vjp      the cotangents of the operands from the cotangent g of the result y. `none`: no
//   gradient
//            flows this way. Written with DSL functions, so that it can be differentiated again
//   probe    elementwise ops: where tests try it, and how exact emitted code is
//
// To add an elementwise op: its name in the list below, its block, its DSL function under the
// block.
#pragma once

#include <gradc/graph.h>
#include <gradc/kinds.h>

#include <type_traits>

namespace gradc {

template <class... Blocks>
struct OpList {
  static constexpr int size = sizeof...(Blocks);
};

// The table's contents, in the order of the reference.
using Ops = OpList<
    // leaves
    struct LeafOp, struct Constant, struct Extent, struct Iota, struct Random,
    // elementwise, one operand
    struct Neg, struct Abs, struct Sign, struct Sqrt, struct Exp, struct Log, struct Tanh,
    struct Sigmoid, struct Erf, struct Sin, struct Cos, struct Relu, struct RoundToBf16,
    struct RoundToInt8, struct Detach, struct Cast,
    // elementwise, two and three operands
    struct Add, struct Sub, struct Mul, struct Div, struct Maximum, struct Minimum, struct Less,
    struct LessEqual, struct Equal, struct Where, struct Fma,
    // the rest
    struct Sum, struct Max, struct Broadcast, struct Reshape, struct Transpose, struct Slice,
    struct Pad, struct Contract, struct Gather, struct Scatter, struct Gradient, struct Training>;

namespace detail {
template <class Block, class... Blocks>
constexpr int position(OpList<Blocks...>) {
  int at = 0, found = -1;
  ((std::is_same_v<Block, Blocks> ? found = at : 0, ++at), ...);
  return found;
}
}  // namespace detail

template <class Block>
inline constexpr Op op_of = static_cast<Op>(detail::position<Block>(Ops{}));

// The cotangents of an op's operands, and the word for "no gradient flows this way".
struct None {};
inline constexpr None none;
using Tensors = List<Tensor, kMaxOperands>;
template <class... T>
constexpr Tensors args(const T&... cotangents) {
  Tensors list;
  const auto add = [&](const auto& cotangent) {
    if constexpr (std::is_same_v<std::decay_t<decltype(cotangent)>, None>)
      list.push_back(Tensor{});
    else
      list.push_back(cotangent);
  };
  (add(cotangents), ...);
  return list;
}

// Where an elementwise op is tried: operands from [lo, hi] (and `lo2`, `hi2` for the second one),
// `ulp` the bound of emitted against exact. `kink` marks an op without a derivative at 0 or at
// ties, where finite differences say nothing, `steps` one that is constant between its steps.
struct Probe {
  double lo = -4, hi = 4;
  double lo2 = -4, hi2 = 4;
  double ulp = 0;  // 0: correctly rounded or exact
  bool kink = false;
  bool steps = false;
};

template <int N>
struct Elementwise {
  static constexpr Kind kind = Kind::kElementwise;
  static constexpr int arity = N;
  static constexpr ShapeRule infer = infer_elementwise;
};

template <Kind K, int N, ShapeRule Rule>
struct Structural {
  static constexpr Kind kind = K;
  static constexpr int arity = N;
  static constexpr ShapeRule infer = Rule;
};

// --- Applying an op, with numpy's broadcasting ---------------------------------------------------

namespace detail {

constexpr Tensor materialize(Graph& graph, const Operand& operand) {
  if (operand.is_number()) return graph.constant(operand.number, operand.where);
  if (operand.tensor.graph == &graph) return operand.tensor;
  graph.report("this tensor belongs to another graph", graph.locate(operand.where));
  return graph.constant(0, operand.where);
}

constexpr Graph& graph_of(std::initializer_list<const Operand*> operands) {
  for (const Operand* operand : operands)
    if (!operand->is_number()) return *operand->tensor.graph;
  __builtin_unreachable();
}

constexpr Tensor broadcast_to(Tensor x, const Shape& shape, Location location) {
  if (same_shape(x.shape(), shape)) return x;
  Attributes attributes;
  const int offset = shape.size() - x.rank();
  for (int axis = 0; axis < shape.size(); ++axis)
    attributes.ints.push_back(axis < offset ? -1 : axis - offset);
  return x.graph->append(op_of<Broadcast>, {x.node}, attributes, {x.type().element, shape},
                         location);
}

template <class Block, class... Rest>
constexpr Tensor apply(const Operand& first, const Rest&... rest) {
  Graph& graph = graph_of({&first, &rest...});
  const Location location = graph.locate(first.where);
  Tensors tensors{materialize(graph, first), materialize(graph, rest)...};
  Shape shape = tensors[0].shape();
  bool poisoned = tensors[0].type().poisoned();
  bool merged = true;
  for (int i = 1; i < tensors.size(); ++i) {
    poisoned = poisoned || tensors[i].type().poisoned();
    merged = merged && merge_shapes(shape, tensors[i].shape());
  }
  Operands operands;
  for (const Tensor& tensor : tensors)
    operands.push_back(merged && !poisoned ? broadcast_to(tensor, shape, location).node
                                           : tensor.node);
  return graph.append(op_of<Block>, operands, {}, {graph.real, {}}, location);
}

template <class Block>
constexpr Tensor unary(const Operand& x, const Attributes& attributes, const Type& wanted = {}) {
  Graph& graph = graph_of({&x});
  return graph.append(op_of<Block>, {x.tensor.node}, attributes, wanted, graph.locate(x.where));
}

constexpr Axes normalized(Axes axes, int rank) {
  for (int& axis : axes)
    if (axis < 0) axis += rank;
  for (int i = 1; i < axes.size(); ++i)  // ascending
    for (int j = i; j > 0 && axes[j - 1] > axes[j]; --j) {
      const int axis = axes[j];
      axes[j] = axes[j - 1];
      axes[j - 1] = axis;
    }
  return axes;
}

constexpr Attributes ints_of(const Axes& axes) {
  Attributes attributes;
  for (int axis : axes) attributes.ints.push_back(axis);
  return attributes;
}

}  // namespace detail

// --- Leaves
// ---------------------------------------------------------------------------------------

// An input, setting, parameter or state. ints[0] is its index in Graph::leaves.
struct LeafOp : Structural<Kind::kLeaf, 0, infer_leaf> {
  static constexpr auto name = "leaf", doc = "an input, setting, parameter or state";
};

struct Constant : Structural<Kind::kLeaf, 0, infer_scalar> {
  static constexpr auto name = "constant", doc = "one number, a scalar";
};

struct Extent : Structural<Kind::kLeaf, 0, infer_scalar> {
  static constexpr auto name = "extent", doc = "the extent of the running batch, a scalar";
};

// ints[0] is the axis along which the result counts.
struct Iota : Structural<Kind::kIota, 0, infer_iota> {
  static constexpr auto name = "iota", doc = "0, 1, 2, ... along one axis, i32";
};

// Of two scalars, the seed of the run and the step; ints[0] tells streams of one graph apart.
struct Random : Structural<Kind::kRandom, 2, infer_random> {
  static constexpr auto name = "random",
                        doc = "uniform in [0, 1), a function of seed, step, stream and element";
  static constexpr Tensors vjp(Tensor, Tensor, const Tensors&, const Attributes&) {
    return args(none, none);
  }
};

// --- Elementwise, one operand
// ---------------------------------------------------------------------

struct Neg : Elementwise<1> {
  static constexpr auto name = "neg", doc = "-x";
  static constexpr auto body = [](auto x) { return -x; };
  static constexpr auto vjp = [](auto g, auto, auto) { return args(-g); };
  static constexpr Probe probe{};
};
constexpr Tensor operator-(Operand x) { return detail::apply<Neg>(x); }

struct Abs : Elementwise<1> {
  static constexpr auto name = "abs", doc = "absolute value";
  static constexpr auto body = [](auto x) { return abs(x); };
  // d|x|/dx = sign x, and 0 at 0
  static constexpr auto vjp = [](auto g, auto, auto x) { return args(g * sign(x)); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor abs(Operand x) { return detail::apply<Abs>(x); }

struct Sign : Elementwise<1> {
  static constexpr auto name = "sign", doc = "-1, 0 or 1; 0 for NaN";
  static constexpr auto body = [](auto x) { return less(0, x) - less(x, 0); };
  static constexpr auto vjp = [](auto, auto, auto) { return args(none); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor sign(Operand x) { return detail::apply<Sign>(x); }

struct Sqrt : Elementwise<1> {
  static constexpr auto name = "sqrt", doc = "square root";
  static constexpr auto body = [](auto x) { return sqrt(x); };
  // d sqrt(x)/dx = 1 / (2 sqrt(x))
  static constexpr auto vjp = [](auto g, auto y, auto) { return args(0.5 * g / y); };
  static constexpr Probe probe{.lo = 0.01, .hi = 100};
};
constexpr Tensor sqrt(Operand x) { return detail::apply<Sqrt>(x); }

struct Exp : Elementwise<1> {
  static constexpr auto name = "exp", doc = "e to the power x";
  static constexpr auto body = [](auto x) { return exp(x); };
  static constexpr auto vjp = [](auto g, auto y, auto) { return args(g * y); };
  static constexpr Probe probe{.lo = -10, .hi = 10, .ulp = 2};
};
constexpr Tensor exp(Operand x) { return detail::apply<Exp>(x); }

struct Log : Elementwise<1> {
  static constexpr auto name = "log", doc = "natural logarithm";
  static constexpr auto body = [](auto x) { return log(x); };
  static constexpr auto vjp = [](auto g, auto, auto x) { return args(g / x); };
  static constexpr Probe probe{.lo = 0.01, .hi = 100, .ulp = 2};
};
constexpr Tensor log(Operand x) { return detail::apply<Log>(x); }

struct Tanh : Elementwise<1> {
  static constexpr auto name = "tanh", doc = "hyperbolic tangent";
  static constexpr auto body = [](auto x) { return tanh(x); };
  // d tanh(x)/dx = 1 - tanh(x)^2
  static constexpr auto vjp = [](auto g, auto y, auto) { return args(g * (1 - y * y)); };
  static constexpr Probe probe{.ulp = 2};
};
constexpr Tensor tanh(Operand x) { return detail::apply<Tanh>(x); }

struct Sigmoid : Elementwise<1> {
  static constexpr auto name = "sigmoid", doc = "1 / (1 + e^-x)";
  static constexpr auto body = [](auto x) { return sigmoid(x); };
  // ds/dx = s (1 - s)
  static constexpr auto vjp = [](auto g, auto y, auto) { return args(g * y * (1 - y)); };
  static constexpr Probe probe{.ulp = 3};
};
constexpr Tensor sigmoid(Operand x) { return detail::apply<Sigmoid>(x); }

struct Erf : Elementwise<1> {
  static constexpr auto name = "erf", doc = "error function";
  static constexpr auto body = [](auto x) { return erf(x); };
  // d erf(x)/dx = 2 / sqrt(pi) e^(-x^2)
  static constexpr auto vjp = [](auto g, auto, auto x) {
    return args(1.1283791670955126 * g * exp(-(x * x)));
  };
  static constexpr Probe probe{.ulp = 3};
};
constexpr Tensor erf(Operand x) { return detail::apply<Erf>(x); }

struct Sin : Elementwise<1> {
  static constexpr auto name = "sin", doc = "sine";
  static constexpr auto body = [](auto x) { return sin(x); };
  static constexpr auto vjp = [](auto g, auto, auto x) { return args(g * cos(x)); };
  static constexpr Probe probe{.ulp = 2};
};
constexpr Tensor sin(Operand x) { return detail::apply<Sin>(x); }

struct Cos : Elementwise<1> {
  static constexpr auto name = "cos", doc = "cosine";
  static constexpr auto body = [](auto x) { return cos(x); };
  static constexpr auto vjp = [](auto g, auto, auto x) { return args(-(g * sin(x))); };
  static constexpr Probe probe{.ulp = 2};
};
constexpr Tensor cos(Operand x) { return detail::apply<Cos>(x); }

struct Relu : Elementwise<1> {
  static constexpr auto name = "relu", doc = "x where x > 0, else 0";
  static constexpr auto body = [](auto x) { return max(x, 0); };
  // 1 where x > 0, else 0, as PyTorch has it. There y > 0 too, and y alone need be kept.
  static constexpr auto vjp = [](auto g, auto y, auto) { return args(where(less(0, y), g, 0)); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor relu(Operand x) { return detail::apply<Relu>(x); }

// A step function, whose derivative is 0; x + detach(round_to_bf16(x) - x) passes gradients on.
struct RoundToBf16 : Elementwise<1> {
  static constexpr auto name = "round_to_bf16",
                        doc =
                            "the nearest number of 8 significant bits, ties to even; 0 below "
                            "2^-126";
  static constexpr auto body = [](auto x) { return round_to_bf16(x); };
  static constexpr auto vjp = [](auto, auto, auto) { return args(none); };
  static constexpr Probe probe{.kink = true, .steps = true};
};
constexpr Tensor round_to_bf16(Operand x) { return detail::apply<RoundToBf16>(x); }

struct RoundToInt8 : Elementwise<1> {
  static constexpr auto name = "round_to_int8",
                        doc = "the nearest whole number from -127 to 127, ties to even; 0 for NaN";
  static constexpr auto body = [](auto x) { return round_to_int8(x); };
  static constexpr auto vjp = [](auto, auto, auto) { return args(none); };
  static constexpr Probe probe{.lo = -140, .hi = 140, .kink = true, .steps = true};
};
constexpr Tensor round_to_int8(Operand x) { return detail::apply<RoundToInt8>(x); }

struct Detach : Elementwise<1> {
  static constexpr auto name = "detach", doc = "x, a constant to every derivative";
  static constexpr auto body = [](auto x) { return x; };
  static constexpr auto vjp = [](auto, auto, auto) { return args(none); };
  static constexpr Probe probe{};
};
constexpr Tensor detach(Operand x) { return detail::apply<Detach>(x); }

struct Cast : Elementwise<1> {
  static constexpr auto name = "cast", doc = "an index as a real number";
  static constexpr ShapeRule infer = infer_cast;
  static constexpr auto body = [](auto x) { return cast(x); };
  static constexpr auto vjp = [](auto, auto, auto) { return args(none); };
  static constexpr Probe probe{};
};
constexpr Tensor cast(Operand x) { return detail::unary<Cast>(x, {}, {x.tensor.graph->real, {}}); }

// --- Elementwise, two and three operands
// ------------------------------------------------------------

struct Add : Elementwise<2> {
  static constexpr auto name = "add", doc = "a + b";
  static constexpr auto body = [](auto a, auto b) { return a + b; };
  static constexpr auto vjp = [](auto g, auto, auto, auto) { return args(g, g); };
  static constexpr Probe probe{};
};
constexpr Tensor operator+(Operand a, Operand b) { return detail::apply<Add>(a, b); }

struct Sub : Elementwise<2> {
  static constexpr auto name = "sub", doc = "a - b";
  static constexpr auto body = [](auto a, auto b) { return a - b; };
  static constexpr auto vjp = [](auto g, auto, auto, auto) { return args(g, -g); };
  static constexpr Probe probe{};
};
constexpr Tensor operator-(Operand a, Operand b) { return detail::apply<Sub>(a, b); }

struct Mul : Elementwise<2> {
  static constexpr auto name = "mul", doc = "a * b";
  static constexpr auto body = [](auto a, auto b) { return a * b; };
  static constexpr auto vjp = [](auto g, auto, auto a, auto b) { return args(g * b, g * a); };
  static constexpr Probe probe{};
};
constexpr Tensor operator*(Operand a, Operand b) { return detail::apply<Mul>(a, b); }

struct Div : Elementwise<2> {
  static constexpr auto name = "div", doc = "a / b";
  static constexpr auto body = [](auto a, auto b) { return a / b; };
  // d(a/b)/db = -(a/b) / b
  static constexpr auto vjp = [](auto g, auto y, auto, auto b) {
    return args(g / b, -(g * y / b));
  };
  static constexpr Probe probe{.lo2 = 0.5, .hi2 = 4};
};
constexpr Tensor operator/(Operand a, Operand b) { return detail::apply<Div>(a, b); }

struct Maximum : Elementwise<2> {
  static constexpr auto name = "maximum", doc = "the larger of a and b: a < b ? b : a";
  static constexpr auto body = [](auto a, auto b) { return max(a, b); };
  // g to the larger one, half to each at a tie
  static constexpr auto vjp = [](auto g, auto, auto a, auto b) {
    const auto tie = 0.5 * g * equal(a, b);
    return args(where(less(b, a), g, tie), where(less(a, b), g, tie));
  };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor maximum(Operand a, Operand b) { return detail::apply<Maximum>(a, b); }

struct Minimum : Elementwise<2> {
  static constexpr auto name = "minimum", doc = "the smaller of a and b: a < b ? a : b";
  static constexpr auto body = [](auto a, auto b) { return min(a, b); };
  static constexpr auto vjp = [](auto g, auto, auto a, auto b) {
    const auto tie = 0.5 * g * equal(a, b);
    return args(where(less(a, b), g, tie), where(less(b, a), g, tie));
  };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor minimum(Operand a, Operand b) { return detail::apply<Minimum>(a, b); }

struct Less : Elementwise<2> {
  static constexpr auto name = "less", doc = "1 where a < b, else 0";
  static constexpr auto body = [](auto a, auto b) { return less(a, b); };
  static constexpr auto vjp = [](auto, auto, auto, auto) { return args(none, none); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor less(Operand a, Operand b) { return detail::apply<Less>(a, b); }

struct LessEqual : Elementwise<2> {
  static constexpr auto name = "less_equal", doc = "1 where a <= b, else 0";
  static constexpr auto body = [](auto a, auto b) { return less_equal(a, b); };
  static constexpr auto vjp = [](auto, auto, auto, auto) { return args(none, none); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor less_equal(Operand a, Operand b) { return detail::apply<LessEqual>(a, b); }

struct Equal : Elementwise<2> {
  static constexpr auto name = "equal", doc = "1 where a = b, else 0";
  static constexpr auto body = [](auto a, auto b) { return equal(a, b); };
  static constexpr auto vjp = [](auto, auto, auto, auto) { return args(none, none); };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor equal(Operand a, Operand b) { return detail::apply<Equal>(a, b); }

struct Where : Elementwise<3> {
  static constexpr auto name = "where", doc = "a where the mask is not 0, else b";
  static constexpr auto body = [](auto mask, auto a, auto b) { return select(mask, a, b); };
  static constexpr auto vjp = [](auto g, auto, auto mask, auto, auto) {
    return args(none, where(mask, g, 0), where(mask, 0, g));
  };
  static constexpr Probe probe{.kink = true};
};
constexpr Tensor where(Operand mask, Operand a, Operand b) {
  return detail::apply<Where>(mask, a, b);
}

struct Fma : Elementwise<3> {
  static constexpr auto name = "fma", doc = "a * b + c, rounded once";
  static constexpr auto body = [](auto a, auto b, auto c) { return fma(a, b, c); };
  static constexpr auto vjp = [](auto g, auto, auto a, auto b, auto) {
    return args(g * b, g * a, g);
  };
  static constexpr Probe probe{};
};
constexpr Tensor fma(Operand a, Operand b, Operand c) { return detail::apply<Fma>(a, b, c); }

constexpr Tensor& operator+=(Tensor& a, Operand b) { return a = Operand(a, b.where) + b; }
constexpr Tensor& operator-=(Tensor& a, Operand b) { return a = Operand(a, b.where) - b; }
constexpr Tensor& operator*=(Tensor& a, Operand b) { return a = Operand(a, b.where) * b; }
constexpr Tensor& operator/=(Tensor& a, Operand b) { return a = Operand(a, b.where) / b; }

}  // namespace gradc

#include <gradc/ops_structural.h>
