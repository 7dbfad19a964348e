#include <eval/real.h>
#include <graphs/composites.h>
#include <graphs/generate.h>
#include <graphs/pool.h>
#include <ir/compact.h>
#include <ir/verify.h>
#include <ir/visit.h>

#include <cmath>
#include <utility>

namespace gradc::graphs {
namespace {

constexpr int kComposites = 10;  // one step in so many is a pattern of several ops

template <class A, class B>
constexpr bool kIs = std::is_same_v<A, B>;

// How often an op is chosen, against 1 for an elementwise one.
template <class Block>
constexpr int weight() {
  if (kIs<Block, LeafOp> || kIs<Block, Gradient>) return 0;  // declared apart
  if (Block::kind == Kind::kContract) return 5;
  if (Block::kind == Kind::kReduce || Block::kind == Kind::kIndexed) return 3;
  return ir::kHasBody<Block> ? 1 : 2;
}

// Whether finite differences say the same as the op's vjp.
template <class Block>
constexpr bool smooth() {
  if constexpr (ir::kHasBody<Block>)
    return !Block::probe.kink && !kIs<Block, Detach> && !kIs<Block, Cast>;
  else
    return !kIs<Block, Max>;  // a corner wherever two elements are close
}

class Generator : Pool {
 public:
  using Pool::Pool;

  Graph run() {
    const Graph::At nowhere(graph, Location{});
    if (options.f64) graph.use_f64();
    leaves();
    if (options.large) add_large(*this);
    for (int i = 0; i < options.ops; ++i) step();
    roots();
    return ir::compact(graph);
  }

 private:
  // --- Ops
  // -------------------------------------------------------------------------------------------

  void step() {
    if (dice.one_in(kComposites)) return add_composite(*this);
    int total = 0;
    for (int op = 0; op < Ops::size; ++op) total += weight_of(static_cast<Op>(op));
    int roll = dice.below(total), op = 0;
    while ((roll -= weight_of(static_cast<Op>(op))) >= 0) ++op;
    ir::visit(static_cast<Op>(op), [&]<class Block>() { this->apply<Block>(); });
  }

  int weight_of(Op op) const {
    return ir::visit(op, [&]<class Block>() {
      return options.differentiable && !smooth<Block>() ? 0 : weight<Block>();
    });
  }

  template <class Block>
  void apply() {
    if constexpr (kIs<Block, LeafOp> || kIs<Block, Gradient>)
      return;
    else if constexpr (kIs<Block, Cast>)
      keep(cast(tokens(3)), 3);
    else if constexpr (ir::kHasBody<Block>)
      elementwise<Block>();
    else
      structural(Block{});
  }

  template <class Block>
  void elementwise() {
    constexpr Probe probe = Block::probe;
    List<Tensor, 3> x;
    Shape shape;
    x.push_back(any());
    shape = x[0].shape();
    for (int i = 1; i < Block::arity; ++i) {
      Tensor other = any();
      for (int attempt = 0; attempt < 8; ++attempt, other = any()) {
        Shape merged = shape;
        if (!gradc::merge_shapes(merged, other.shape()) || !fits(merged)) continue;
        shape = merged;
        break;
      }
      Shape merged = shape;
      x.push_back(gradc::merge_shapes(merged, other.shape()) && fits(merged)
                      ? other
                      : graph.constant(dice.between(-2, 2)));
      if (bounds.count(x[i].node) == 0) bounds[x[i].node] = 2;
    }
    for (int i = 0; i < Block::arity; ++i)
      x[i] = within(x[i], i == 1 ? probe.lo2 : probe.lo, i == 1 ? probe.hi2 : probe.hi);
    keep(application<Block>(x), reach<Block>());
  }

  template <class Block>
  static Tensor application(const List<Tensor, 3>& x) {
    using gradc::detail::apply;
    if constexpr (Block::arity == 1)
      return apply<Block>(x[0]);
    else if constexpr (Block::arity == 2)
      return apply<Block>(x[0], Operand(x[1]));
    else
      return apply<Block>(x[0], Operand(x[1]), Operand(x[2]));
  }

  // The largest magnitude that the body gives on a grid over the probe's range.
  template <class Block>
  static double reach() {
    constexpr Probe probe = Block::probe;
    constexpr int kSteps = 8;
    double largest = 0;
    for (int i = 0; i <= kSteps; ++i) {
      for (int j = 0; j <= kSteps; ++j) {
        const eval::Real a = probe.lo + (probe.hi - probe.lo) * i / kSteps;
        const eval::Real b = probe.lo2 + (probe.hi2 - probe.lo2) * j / kSteps;
        eval::Real y = 0;
        if constexpr (Block::arity == 1)
          y = Block::body(a);
        else if constexpr (Block::arity == 2)
          y = Block::body(a, b);
        else
          y = Block::body(a, b, a);
        largest = std::max(largest, std::abs(y.value));
      }
    }
    return largest;
  }

  void structural(Constant) { keep(graph.constant(dice.between(-2, 2)), 2); }
  void structural(Extent) {
    keep(graph.extent(graph.batch_dim), static_cast<double>(graph.batch_dim.size));
  }
  void structural(Iota) {
    Shape of = shape(dice.one_in(2));
    if (of.empty()) of.push_back(dice.pick(dims));
    const int axis = dice.below(of.size());
    keep(cast(graph.iota(of, axis)), static_cast<double>(of[axis].size));
  }
  void structural(Random) { keep(graph.random(shape(dice.one_in(2))), 1); }

  Axes some_axes(Tensor x) {
    Axes axes;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (dice.one_in(2)) axes.push_back(axis);
    return axes;
  }
  void structural(Sum) {
    const Tensor x = any();
    const Axes axes = some_axes(x);
    double terms = 1;
    for (const int axis : axes) terms *= static_cast<double>(x.shape()[axis].size);
    keep(sum(x, axes, dice.one_in(2) ? Keep::kYes : Keep::kNo), terms * bound(x));
  }
  void structural(Max) {
    const Tensor x = any();
    keep(max(x, some_axes(x)), bound(x));
  }
  void structural(Broadcast) {
    const Tensor x = any();
    Shape to;
    if (dice.one_in(2)) to.push_back(dice.pick(dims));
    for (const Dim& dim : x.shape())
      to.push_back(dim.size == 1 && !dim.batched ? dice.pick(dims) : dim);
    if (fits(to)) keep(broadcast(x, to), bound(x));
  }
  // Two neighbours merged, or a factor split off.
  void structural(Reshape) {
    const Tensor x = any();
    if (x.rank() == 0) return (void)keep(reshape(x, {Dim(1)}), bound(x));
    const int at = dice.below(x.rank());
    Shape to;
    for (int axis = 0; axis < x.rank(); ++axis) {
      const Dim dim = x.shape()[axis];
      const bool merge = axis == at && axis + 1 < x.rank() && !x.shape()[axis + 1].batched;
      if (merge) {
        to.push_back(dim * x.shape()[++axis]);
      } else if (axis == at && !dim.batched && dim.size % 2 == 0) {
        to.push_back(dim.size / 2);
        to.push_back(2);
      } else {
        to.push_back(dim);
      }
    }
    if (fits(to)) keep(reshape(x, to), bound(x));
  }
  void structural(Transpose) {
    const Tensor x = any();
    Axes order = gradc::detail::all_axes(x.rank());
    for (int i = x.rank() - 1; i > 0; --i) std::swap(order[i], order[dice.below(i + 1)]);
    keep(transpose(x, order), bound(x));
  }
  void structural(Slice) {
    const Tensor x = any();
    const int axis = static_axis(x);
    if (axis < 0) return;
    const std::int64_t size = x.shape()[axis].size, start = dice.below(size);
    keep(slice(x, axis, start, 1 + dice.below(size - start)), bound(x));
  }
  void structural(Pad) {
    const Tensor x = any();
    const int axis = static_axis(x);
    if (axis < 0) return;
    const Tensor y = pad(x, axis, dice.below(3), dice.below(3));
    if (fits(y.shape())) keep(y, bound(x));
  }
  // Axes of x paired with those of another tensor or of a new parameter.
  void structural(Contract) {
    Tensor x = within(any(), -4, 4);
    Tensor y = within(any(), -4, 4);
    ContractAxes axes;
    double terms = 1;
    const auto pair = [&](int a, int b) {
      const bool batch = dice.one_in(3);
      (batch ? axes.left_batch : axes.left_over).push_back(a);
      (batch ? axes.right_batch : axes.right_over).push_back(b);
      if (!batch) terms *= static_cast<double>(x.shape()[a].size);
    };
    for (int a = 0; a < x.rank(); ++a)
      for (int b = 0; b < y.rank(); ++b)
        if (x.shape()[a] == y.shape()[b] && !axes.right_batch.contains(b) &&
            !axes.right_over.contains(b) && !dice.one_in(4)) {
          pair(a, b);
          break;
        }
    const int a = static_axis(x);
    if (axes.left_over.empty() && axes.left_batch.empty() && a >= 0) {
      y = parameter({x.shape()[a], dice.pick(dims)});
      axes.left_over = {a};
      axes.right_over = {0};
      terms = static_cast<double>(x.shape()[a].size);
      if (dice.one_in(3)) {
        std::swap(x, y);
        std::swap(axes.left_over, axes.right_over);
      }
    }
    std::int64_t elements = 1;
    for (const int axis : axes.left_batch) elements *= x.shape()[axis].size;
    for (const int axis : axes.left_free(x.rank())) elements *= x.shape()[axis].size;
    for (const int axis : axes.right_free(y.rank())) elements *= y.shape()[axis].size;
    if (x.rank() + y.rank() - 2 * axes.left_over.size() - axes.left_batch.size() > 4) return;
    if (elements > kMaxElements) return;
    keep(contract(x, y, axes), terms * 16);
  }
  void structural(Gather) {
    const Dim rows = dice.pick(dims);
    const Tensor table = parameter({rows, dice.pick(dims)});
    const Tensor y = gather(table, tokens(rows.size));
    if (fits(y.shape())) keep(y, 2);
  }
  void structural(Scatter) {
    const Dim rows = dice.pick(dims);
    const Tensor indices = tokens(rows.size);
    Shape shape = indices.shape();
    if (dice.one_in(2)) shape.push_back(dice.pick(dims));
    const Tensor updates = input(shape);
    keep(scatter(updates * graph.constant(0.5), indices, rows.size),
         static_cast<double>(elements_of(indices.shape())));
  }
  void structural(Training) {
    const Tensor x = any();
    keep(training(x, x * 0.5), bound(x));
  }

  // --- Roots
  // -----------------------------------------------------------------------------------------

  void roots() {
    const std::vector<Tensor> last(tensors.end() - std::min<std::size_t>(tensors.size(), 4),
                                   tensors.end());
    for (const Tensor& tensor : last) graph.output(fresh("output"), tensor);
    if (!options.loss) return;
    Tensor loss = graph.constant(0.25);
    for (const Tensor& tensor : last) loss = loss + mean(tanh(tensor * (1 / bound(tensor))));
    graph.objective(loss);
    if (!options.gradients) return;
    for (const Tensor& tensor : graph.parameters())
      graph.update(tensor, tensor - 0.125 * grad(loss, tensor));
  }
};

}  // namespace

Graph generate(std::uint64_t seed, const GenerateOptions& options) {
  Graph graph = Generator(seed, options).run();
  ir::check_verified(graph, "generating a random graph");
  return graph;
}

}  // namespace gradc::graphs
