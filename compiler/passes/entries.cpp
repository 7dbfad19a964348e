#include "passes/entries.h"

#include <gradc/dsl.h>

#include <string_view>
#include <utility>
#include <vector>

#include "support/check.h"

namespace gradc::passes {
namespace {

Graph nothing_of(Graph graph) {
  graph.outputs.clear();
  graph.updates.clear();
  graph.loss = -1;
  return graph;
}

// An output that is the loss keeps its name in every entry; else the loss is called "loss".
Text loss_name(const Graph& graph) {
  for (const Output& output : graph.outputs)
    if (output.node == graph.loss) return output.name;
  return "loss";
}

void add_loss_output(Graph& graph, const Text& name) {
  if (graph.loss < 0) return;
  for (const Output& output : graph.outputs)
    if (output.name == name) return;
  graph.outputs.push_back({name, graph.loss, graph[graph.loss].location});
}

// Weights are in int8 where they are not trained.
Graph train_of(Graph graph) {
  if (graph.precision == Precision::kInt8) graph.precision = Precision::kFull;
  if (graph.updates.empty()) return nothing_of(std::move(graph));
  std::erase_if(graph.outputs,
                [&](const Output& output) { return graph[output.node].type.rank() != 0; });
  add_loss_output(graph, loss_name(graph));
  return graph;
}

Graph evaluate_of(Graph graph) {
  graph.updates.clear();
  add_loss_output(graph, loss_name(graph));
  return graph;
}

bool is_answer(const Leaf& leaf) {
  return leaf.role == Role::kInput && (leaf.name == "target" || leaf.name == "label");
}

// For each node whether it depends on what a prediction does not know.
std::vector<bool> depends_on_answer(const Graph& graph) {
  std::vector<bool> depends(graph.nodes.size());
  for (const Leaf& leaf : graph.leaves) depends[leaf.node] = is_answer(leaf);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (const int operand : graph.nodes[i].operands)
      if (depends[operand]) depends[i] = true;
  return depends;
}

// In full precision, as its gradient is: differences of what is rounded say nothing of either.
Graph loss_of(Graph graph) {
  graph.precision = Precision::kFull;
  const Text name = loss_name(graph);
  graph.outputs.clear();
  graph.updates.clear();
  add_loss_output(graph, name);
  return graph;
}

Graph gradient_of(const Graph& declared) {
  Graph graph = loss_of(declared);
  if (graph.loss < 0) return graph;
  const Graph::At at(graph, graph[graph.loss].location);
  const std::vector<Leaf> leaves = graph.leaves;
  for (const Leaf& leaf : leaves)
    if (leaf.role == Role::kParameter)
      graph.output("gradient/" + leaf.name,
                   grad(Tensor{&graph, graph.loss}, Tensor{&graph, leaf.node}));
  return graph;
}

}  // namespace

Graph predict_of(Graph graph) {
  graph.updates.clear();
  graph.loss = -1;
  const std::vector<bool> depends = depends_on_answer(graph);
  std::erase_if(graph.outputs, [&](const Output& output) { return depends[output.node]; });
  return graph;
}

Entries derive_entries(const Graph& declared, const Observer& observer) {
  const auto entry = [&](const Graph& graph, Form form) { return run(graph, form, observer); };
  return {.train = entry(train_of(declared), Form::kTraining),
          .evaluate = entry(evaluate_of(declared), Form::kOutside),
          .predict = entry(predict_of(declared), Form::kOutside),
          .loss_only = entry(loss_of(declared), Form::kTraining),
          .gradient = entry(gradient_of(declared), Form::kTraining)};
}

bool is_empty(const Graph& graph) {
  return graph.outputs.empty() && graph.updates.empty() && graph.loss < 0;
}

Graph with_element(const Graph& graph, Element element) {
  CHECK(element == Element::kF32 || element == Element::kF64);
  Graph result = graph;
  result.real = element;
  for (Node& node : result.nodes)
    if (node.type.real()) node.type.element = element;
  return result;
}

}  // namespace gradc::passes
