#include "driver/compile.h"

#include "driver/dot.h"
#include "ir/print.h"
#include "ir/print_program.h"
#include "passes/decode.h"
#include "passes/entries.h"
#include "passes/lower.h"
#include "passes/memory_limit.h"
#include "passes/plan_memory.h"
#include "passes/simplify.h"
#include "passes/tangent.h"
#include "support/check.h"

namespace gradc::driver {
namespace {

// Those of a training step, or for a model that does not train, of an evaluation.
std::string print_kernels(const Graph& declared) {
  const ir::Module module = passes::build_module(declared);
  std::string text = ir::print(module.train.kernels.empty() ? module.evaluate : module.train);
  for (const ir::Module& decoder : module.decoder)
    text += "\ndecoder of " + ir::print(decoder.train).substr(std::string("program ").size());
  return text;
}

struct Stage {
  const char* name;
  std::string (*of)(const Graph& declared);  // null: printed for all models at once
};

constexpr Stage kStages[] = {
    {"model", [](const Graph& declared) { return ir::print(declared); }},
    {"graph",
     [](const Graph& declared) { return ir::print(passes::derive_entries(declared).evaluate); }},
    {"gradient",
     [](const Graph& declared) { return ir::print(passes::derive_entries(declared).gradient); }},
    {"tangent",
     [](const Graph& declared) {
       const Graph evaluated = passes::derive_entries(declared).evaluate;
       return ir::print(passes::simplify(passes::tangent(evaluated)));
     }},
    {"simplified",
     [](const Graph& declared) { return ir::print(passes::derive_entries(declared).train); }},
    {"decoder",
     [](const Graph& declared) {
       const auto decoder = passes::decode(passes::predict_of(declared));
       if (!decoder) return "// " + declared.name.str() + " generates no sequence\n";
       return ir::print(passes::run(decoder->graph, passes::Form::kOutside));
     }},
    {"kernels", [](const Graph& declared) { return print_kernels(declared); }},
    {"memory",
     [](const Graph& declared) { return passes::print_memory(passes::build_module(declared)); }},
    {"cpp", nullptr},
    {"dot", [](const Graph& declared) { return dot(declared); }},
};

std::vector<ir::Module> build_modules(const std::vector<Graph>& models) {
  std::vector<ir::Module> modules;
  for (const Graph& model : models) modules.push_back(passes::build_module(model));
  return modules;
}

}  // namespace

emit::Target target_of(const std::string& name) {
  if (name == "x86-64-v4") return emit::Target::kAvx512;
  if (name == "x86-64-v3") return emit::Target::kAvx2;
  if (name == "generic") return emit::Target::kSse2;
  return __builtin_cpu_supports("avx512f") ? emit::Target::kAvx512 : emit::Target::kAvx2;
}

Generated generate(const std::vector<Graph>& models, const Settings& settings) {
  const std::vector<ir::Module> modules = build_modules(models);
  Generated generated;
  for (const ir::Module& module : modules)
    passes::limit_memory(module, settings.max_memory, generated.refusals);
  if (generated.refusals.failed()) return generated;
  emit::Options options{.stem = settings.stem, .model_file = settings.model_file};
  options.target = target_of(settings.targets.front());
  options.tuning = settings.tuning;
  if (settings.targets.size() > 1)
    for (const std::string& target : settings.targets)
      options.targets.push_back({target, target_of(target)});
  options.parts = settings.parts;
  options.fewer = settings.fewer;
  emit::Sources sources = emit::emit(modules, options);
  generated.header = std::move(sources.header);
  generated.source = std::move(sources.source);
  generated.main = std::move(sources.main);
  generated.kernels = std::move(sources.kernels);
  return generated;
}

std::string Generated::cpp() const {
  std::string text;
  for (const emit::KernelsFile& file : kernels) text += file.text + "\n";
  return text + source;
}

std::string suffix_of(const emit::KernelsFile& file) { return "." + file.name + ".gen.cpp"; }

const std::vector<std::string>& stage_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Stage& stage : kStages) all.emplace_back(stage.name);
    return all;
  }();
  return names;
}

std::string emit_stage(const std::vector<Graph>& models, const std::string& name,
                       const Settings& settings) {
  if (name == "cpp") return generate(models, settings).cpp();
  std::string text;
  for (const Stage& stage : kStages)
    if (stage.name == name)
      for (const Graph& model : models) text += (text.empty() ? "" : "\n") + stage.of(model);
  return text;
}

}  // namespace gradc::driver
