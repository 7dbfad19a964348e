// The graphs of a model's entries (runtime/gradc/core/model.h), derived from its one declaration.
#pragma once

#include <gradc/graph.h>

#include "passes/pipeline.h"

namespace gradc::passes {

// Each graph is simplified and compact, and all have the same leaves in the same order, so that one
// layout of parameters, states and inputs serves all. An entry that the model does not have is a
// graph without outputs, updates and loss: see `is_empty`.
struct Entries {
  // One training step: the loss and the scalar outputs of the training form, and every update. The
  // loss is an output called "loss", unless the model has one of that name. Empty without updates.
  Graph train;
  // All outputs and the loss, outside training; no updates.
  Graph evaluate;
  // Those outputs that depend on no input called "target" or "label", outside training.
  Graph predict;
  // The loss of the training form and nothing else.
  Graph loss_only;
  // The loss of the training form, and for each parameter NAME its gradient, "gradient/NAME".
  Graph gradient;
};

Entries derive_entries(const Graph& declared, const Observer& observer = {});

// What `predict` computes, as declared.
Graph predict_of(Graph declared);

// Whether a graph computes nothing that anybody reads.
bool is_empty(const Graph& graph);

// The same graph on real numbers of another element: the f64 twin of an f32 graph.
Graph with_element(const Graph& graph, Element element);

}  // namespace gradc::passes
