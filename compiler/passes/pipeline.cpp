#include "passes/pipeline.h"

#include <chrono>
#include <string>
#include <utility>

#include "ir/compact.h"
#include "ir/verify.h"
#include "passes/differentiate.h"
#include "passes/precision.h"
#include "passes/simplify.h"
#include "passes/specialise.h"
#include "passes/tangent.h"

namespace gradc::passes {
namespace {

constexpr Pass kPasses[] = {
    {"differentiate", differentiate, Pass::When::kAlways,
     "first: merged nodes would make one x of two, and both forms share its sweeps"},
    {"specialise-training", [](const Graph& graph) { return specialise(graph, true); },
     Pass::When::kTraining, "before simplify, so that branches not taken are not worked on"},
    {"specialise-outside", [](const Graph& graph) { return specialise(graph, false); },
     Pass::When::kOutside, "as specialise-training"},
    {"simplify", simplify, Pass::When::kAlways,
     "removes what differentiate leaves behind, and what is read by nobody"},
    {"reduce-precision", reduce_precision, Pass::When::kAlways,
     "after simplify, whose laws know nothing of rounding"},
    {"round-to-bf16", round_to_bf16, Pass::When::kOnRequest, "a part of reduce-precision"},
    {"round-to-int8", round_to_int8, Pass::When::kOnRequest, "a part of reduce-precision"},
    {"compact", ir::compact, Pass::When::kOnRequest, "a part of simplify"},
    {"tangent", tangent, Pass::When::kOnRequest, "after differentiate, before simplify"},
};

bool applies(Pass::When when, Form form) {
  return when == Pass::When::kAlways ||
         when == (form == Form::kTraining ? Pass::When::kTraining : Pass::When::kOutside);
}

}  // namespace

std::span<const Pass> all_passes() { return kPasses; }

const Pass* find_pass(std::string_view name) {
  for (const Pass& pass : kPasses)
    if (pass.name == name) return &pass;
  return nullptr;
}

Graph run(const Graph& declared, Form form, const Observer& observer) {
  ir::check_verified(declared, "declaring");
  Graph graph = declared;
  for (const Pass& pass : kPasses) {
    if (!applies(pass.when, form)) continue;
    const auto start = std::chrono::steady_clock::now();
    Graph next = pass.run(graph);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    ir::check_verified(next, pass.name);
    if (observer) observer({pass, graph, next, time.count()});
    graph = std::move(next);
  }
  ir::check_verified(graph, "the last pass", {.lowered = true});
  return graph;
}

}  // namespace gradc::passes
