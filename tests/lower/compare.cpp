#include "compare.h"

#include <algorithm>
#include <cmath>

#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "eval/run_program.h"
#include "passes/entries.h"
#include "passes/lower.h"

namespace gradc::lower_test {

namespace {

constexpr double kTolerance = 1e-12;

int output_buffer(const ir::Program& program, std::string_view name) {
  for (std::size_t b = 0; b < program.buffers.size(); ++b)
    if (program.buffers[b].storage == ir::Buffer::Storage::kOutput &&
        program.buffers[b].name == name)
      return static_cast<int>(b);
  return -1;
}

std::optional<std::string> compare(const eval::Array& found, const eval::Array& wanted,
                                   const std::string& what) {
  if (found.extents != wanted.extents) return what + " has another shape";
  double scale = 1e-300;
  for (double x : wanted.elements)
    if (std::isfinite(x)) scale = std::max(scale, std::fabs(x));
  for (std::size_t i = 0; i < found.elements.size(); ++i) {
    const double x = found.elements[i], y = wanted.elements[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    if (!(std::fabs(x - y) <= kTolerance * scale))
      return what + "[" + std::to_string(i) + "] is " + std::to_string(x) + ", not " +
             std::to_string(y);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const Graph& graph, std::int64_t batch, std::uint64_t seed) {
  if (passes::is_empty(graph)) return std::nullopt;
  const ir::Program program = passes::lower(passes::for_kernels(graph));
  const eval::Bindings bindings = eval::random_bindings(graph, seed, batch);
  const eval::Values values = eval::interpret(graph, bindings);
  eval::Memory memory = eval::make_memory(program, graph, bindings);
  eval::run_program(program, bindings, memory);
  std::optional<std::string> wrong;
  const auto check = [&](int buffer, int node, const Text& name) {
    if (wrong) return;
    if (buffer < 0)
      wrong = name.str() + " has no buffer";
    else
      wrong = compare(eval::read_buffer(program, memory, buffer, batch), values[node], name.str());
  };
  for (const Output& output : graph.outputs)
    check(output_buffer(program, output.name), output.node, output.name);
  for (const Update& update : graph.updates) {
    const int leaf = static_cast<int>(graph[update.leaf].attributes.ints[0]);
    check(leaf, update.node, graph.leaves[leaf].name);
  }
  return wrong;
}

}  // namespace gradc::lower_test
