#include "driver/compile.h"

#include "driver/dot.h"
#include "ir/print.h"
#include "passes/entries.h"
#include "passes/simplify.h"
#include "passes/tangent.h"
#include "support/check.h"

namespace gradc::driver {
namespace {

struct Stage {
  const char* name;
  std::string (*of)(const Graph& declared);  // null: printed for all models at once
};

constexpr Stage kStages[] = {
    {"model", [](const Graph& declared) { return ir::print(declared); }},
    {"graph", [](const Graph& declared) { return ir::print(passes::derive_entries(declared).evaluate); }},
    {"gradient", [](const Graph& declared) { return ir::print(passes::derive_entries(declared).gradient); }},
    {"tangent",
     [](const Graph& declared) {
       const Graph evaluated = passes::derive_entries(declared).evaluate;
       return ir::print(passes::simplify(passes::tangent(evaluated)));
     }},
    {"simplified", [](const Graph& declared) { return ir::print(passes::derive_entries(declared).train); }},
    {"dot", [](const Graph& declared) { return dot(declared); }},
};

}  // namespace

Generated generate(const std::vector<Graph>&, const Settings&) { return {}; }

const std::vector<std::string>& stage_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Stage& stage : kStages) all.emplace_back(stage.name);
    return all;
  }();
  return names;
}

std::string emit_stage(const std::vector<Graph>& models, const std::string& name, const Settings&) {
  std::string text;
  for (const Stage& stage : kStages)
    if (stage.name == name)
      for (const Graph& model : models) text += (text.empty() ? "" : "\n") + stage.of(model);
  return text;
}

}  // namespace gradc::driver
