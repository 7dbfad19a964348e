#include <eval/philox.h>
#include <eval/random_bindings.h>

#include <cmath>

namespace gradc::eval {

Bindings random_bindings(const Graph& graph, std::uint64_t seed, std::int64_t batch) {
  Bindings bindings;
  bindings.batch = batch == 0 ? graph.batch_dim.size : batch;
  std::uint32_t stream = 0;
  for (const Leaf& leaf : graph.leaves) {
    ++stream;
    if (leaf.role == Role::kSetting) continue;
    const Shape& shape = graph.nodes[leaf.node].type.shape;
    std::vector<double> elements(Array::count(running_extents(graph, shape, bindings.batch)));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const double u = uniform(~seed, stream, 0, i);
      if (leaf.classes > 0)
        elements[i] = std::floor(u * static_cast<double>(leaf.classes));
      else
        elements[i] = leaf.role == Role::kState ? 0.5 + u : 4 * u - 2;
    }
    bindings.leaves[leaf.name.str()] = std::move(elements);
  }
  return bindings;
}

}  // namespace gradc::eval
