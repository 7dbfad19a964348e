#include <ir/compact.h>
#include <ir/print.h>
#include <ops/finite_differences.h>
#include <passes/differentiate.h>

#include <algorithm>
#include <cmath>

namespace gradc::ops {
namespace {

double loss_at(const Graph& graph, const eval::Bindings& bindings) {
  return eval::interpret(graph, bindings)[graph.loss].elements[0];
}

// A step that fits the size of x, for ops that are steep near 0.
double difference(const Graph& graph, eval::Bindings bindings, const std::string& leaf,
                  std::size_t i) {
  double& x = bindings.leaves.at(leaf)[i];
  const double at = x, h = 1e-3 * std::min(1.0, std::max(std::abs(at), 0.1));
  const auto f = [&](double offset) {
    x = at + offset;
    return loss_at(graph, bindings);
  };
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

}  // namespace

std::string check_gradients(const Graph& graph, Tensor loss, const std::vector<Tensor>& parameters,
                            const GradientCheck& options) {
  // Two graphs: the loss alone is interpreted often.
  Graph alone = graph;
  alone.outputs.clear();
  alone.updates.clear();
  alone.loss = loss.node;
  Graph with_gradients = alone;
  for (const Tensor& parameter : parameters)
    with_gradients.output(
        graph.leaf_of(parameter.node)->name,
        grad(Tensor{&with_gradients, loss.node}, Tensor{&with_gradients, parameter.node}));
  // A loss that is itself made of gradients is expanded as well.
  alone = ir::compact(passes::differentiate(alone));
  with_gradients = ir::compact(passes::differentiate(with_gradients));

  const eval::Bindings bindings =
      options.bindings != nullptr ? *options.bindings : eval::random_bindings(graph, options.seed);
  const eval::Values values = eval::interpret(with_gradients, bindings);
  std::string text;
  for (const Output& output : with_gradients.outputs) {
    const std::string name = output.name.str();
    const std::vector<double>& symbolic = values[output.node].elements;
    const std::size_t count = symbolic.size();
    const std::size_t stride = std::max<std::size_t>(1, count / options.limit);
    double scale = 1e-3;
    for (const double x : symbolic) scale = std::max(scale, std::abs(x));
    for (std::size_t i = 0; i < count; i += stride) {
      const double numeric = difference(alone, bindings, name, i);
      if (std::abs(numeric - symbolic[i]) <= options.tolerance * scale) continue;
      text += name + "[" + std::to_string(i) + "]: symbolic " + ir::print_number(symbolic[i]) +
              ", by differences " + ir::print_number(numeric) + "\n";
    }
  }
  return text.empty() ? "" : text + ir::print(with_gradients);
}

}  // namespace gradc::ops
