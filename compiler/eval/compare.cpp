#include <eval/compare.h>
#include <ir/print.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace gradc::eval {
namespace {

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

// The first element that differs, with both values.
std::string compare(const std::string& what, const Array& a, const Array& b, Sameness sameness) {
  if (a.extents != b.extents) return what + ": of different shape\n";
  double scale = 0;
  for (const double x : a.elements)
    if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < a.elements.size(); ++i) {
    const double x = a.elements[i], y = b.elements[i];
    if (same_bits(x, y)) continue;
    // Infinities and NaN have no distance: they are the same or they are not.
    const bool close = std::isfinite(x) && std::isfinite(y) && std::abs(x - y) <= 1e-12 * scale;
    if (sameness == Sameness::kClose && close) continue;
    return what + "[" + std::to_string(i) + "]: " + ir::print_number(x) + " became " +
           ir::print_number(y) + "\n";
  }
  return "";
}

}  // namespace

std::string difference(const Graph& before, const Graph& after, const Bindings& bindings,
                       Sameness sameness) {
  const Values old_values = interpret(before, bindings), new_values = interpret(after, bindings);
  std::string text;
  for (const Output& output : before.outputs) {
    const std::string what = "output \"" + output.name.str() + "\"";
    const auto found = std::find_if(after.outputs.begin(), after.outputs.end(),
                                    [&](const Output& other) { return other.name == output.name; });
    text += found == after.outputs.end()
                ? what + " is gone\n"
                : compare(what, old_values[output.node], new_values[found->node], sameness);
  }
  const auto name_of_leaf = [](const Graph& graph, int node) {
    return graph.leaves[graph.nodes[node].attributes.ints[0]].name.str();
  };
  for (const Update& update : before.updates) {
    const std::string leaf = name_of_leaf(before, update.leaf);
    const auto found =
        std::find_if(after.updates.begin(), after.updates.end(),
                     [&](const Update& other) { return name_of_leaf(after, other.leaf) == leaf; });
    const std::string what = "update of \"" + leaf + "\"";
    text += found == after.updates.end()
                ? what + " is gone\n"
                : compare(what, old_values[update.node], new_values[found->node], sameness);
  }
  if (before.loss >= 0)
    text += after.loss < 0
                ? std::string("the loss is gone\n")
                : compare("loss", old_values[before.loss], new_values[after.loss], sameness);
  return text;
}

}  // namespace gradc::eval
