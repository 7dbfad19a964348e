#include <optional>
#include <utility>

#include "passes/decode.h"
#include "passes/entries.h"
#include "passes/lower.h"
#include "passes/plan_memory.h"
#include "passes/stream.h"
#include "support/check.h"

namespace gradc::passes {

namespace {

ir::Program lower_entry(const Graph& graph) {
  if (is_empty(graph)) {
    ir::Program none;
    none.name = graph.name.str();
    return none;
  }
  ir::Program program = lower(for_kernels(graph));
  stream(program);
  return program;
}

// One position at a time: there are no tiles of positions to stream.
ir::Program lower_decoder(const Graph& graph) {
  int present = -1;
  for (std::size_t leaf = 0; leaf < graph.leaves.size(); ++leaf)
    if (graph.leaves[leaf].name == kPresentPosition) present = static_cast<int>(leaf);
  return lower(for_kernels(graph), present);
}

}  // namespace

ir::Module build_module(const Graph& declared, const Observer& observer) {
  ir::Module module;
  module.declared = declared;
  const Entries entries = derive_entries(declared, observer);
  module.train = lower_entry(entries.train);
  module.evaluate = lower_entry(entries.evaluate);
  module.predict = lower_entry(entries.predict);
  module.loss_only = lower_entry(entries.loss_only);
  module.gradient = lower_entry(entries.gradient);
  if (std::optional<Decoder> decoder = decode(predict_of(declared)); decoder) {
    CHECK(!decoder->refusal, decoder->refusal->message);  // the driver has asked before
    ir::Module& module_of_decoder = module.decoder.emplace_back();
    module_of_decoder.train = lower_decoder(run(decoder->graph, Form::kOutside, observer));
    module_of_decoder.declared = std::move(decoder->graph);
  }
  if (declared.loss >= 0) {
    // The twin shares the declaration, in f64; `check` compares the two.
    ir::Module twin;
    twin.declared = with_element(declared, Element::kF64);
    twin.loss_only = lower_entry(with_element(entries.loss_only, Element::kF64));
    twin.gradient = lower_entry(with_element(entries.gradient, Element::kF64));
    plan_memory(twin);
    module.reference.push_back(std::move(twin));
  }
  plan_memory(module);
  return module;
}

}  // namespace gradc::passes
