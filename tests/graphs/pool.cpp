#include <graphs/pool.h>

#include <algorithm>
#include <cmath>

namespace gradc::graphs {
namespace {

constexpr double kMaxBound = 1e3;

}  // namespace

Pool::Pool(std::uint64_t seed, const GenerateOptions& its_options)
    : dice(seed), options(its_options) {
  graph.name = "random_" + to_text(static_cast<std::int64_t>(seed % 1000000007));
}

Tensor Pool::keep(Tensor tensor, double bound) {
  if (bound > kMaxBound) {
    tensor = tensor * (16 / bound);
    bound = 16;
  }
  bounds[tensor.node] = bound;
  tensors.push_back(tensor);
  return tensor;
}

Tensor Pool::any() {
  const int size = static_cast<int>(tensors.size());
  return tensors[dice.one_in(2) ? size - 1 - dice.below(std::min(size, 4)) : dice.below(size)];
}

Tensor Pool::within(Tensor x, double low, double high) {
  if (low == -high && bound(x) <= high) return x;
  const Tensor y = 0.5 * (low + high) + 0.5 * (high - low) * tanh(x * (1 / bound(x)));
  bounds[y.node] = std::max(std::abs(low), std::abs(high));
  return y;
}

bool Pool::fits(const Shape& shape) {
  return shape.size() <= 4 && elements_of(shape) <= kMaxElements;
}

Dim Pool::extent() {
  static const std::vector<std::int64_t> sizes{1, 2, 3, 4, 5, 7, 8, 16, 17, 33};
  return dice.pick(sizes);
}

Shape Pool::shape(bool batched) {
  for (;;) {
    Shape shape;
    const int rank = dice.below(4);
    if (batched) shape.push_back(graph.batch_dim);
    for (int axis = 0; axis < rank; ++axis) shape.push_back(dice.pick(dims));
    if (fits(shape)) return shape;
  }
}

int Pool::static_axis(Tensor x) {
  std::vector<int> axes;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!x.shape()[axis].batched) axes.push_back(axis);
  return axes.empty() ? -1 : dice.pick(axes);
}

Text Pool::fresh(const char* name) {
  return name + to_text(static_cast<std::int64_t>(leaf_count_++));
}

Tensor Pool::input(const Shape& shape) { return keep(graph.input(fresh("input"), shape), 2); }

Tensor Pool::parameter(const Shape& shape) {
  return keep(graph.parameter(fresh("parameter"), shape, normal(1)), 2);
}

Tensor Pool::state(const Shape& shape) {
  return keep(graph.state(fresh("state"), shape, ones()), 1.5);
}

Tensor Pool::tokens(std::int64_t classes) {
  Shape shape{graph.batch_dim};
  if (dice.one_in(2)) shape.push_back(dice.pick(dims));
  return graph.tokens(fresh("tokens"), shape, classes);
}

void Pool::leaves() {
  graph.batch(Dim(1 + dice.below(9)));
  for (int i = 0; i < 3; ++i) dims.push_back(extent());
  for (int i = 0; i < 2; ++i) parameter(shape(false));
  for (int i = 0; i < 2; ++i) input(shape(true));
  state(shape(false));
  keep(graph.setting(fresh("setting"), dice.between(-2, 2)), 2);
}

}  // namespace gradc::graphs
