#include "emit/emit.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/api.h"
#include "emit/layout.h"
#include "emit/parts.h"
#include "emit/sections.h"
#include "emit/several.h"
#include "emit/source.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

std::string emit_header(std::span<const ir::Module> modules, const Options& options) {
  std::string text = banner(options, (options.stem + ".gen.h").c_str());
  text += comment(
      "Include it, link the library gradc has written with it, and train or run the "
      "model in a program of your own.");
  text += "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <span>\n\n";
  for (const char* header : {"arena", "model", "team"})
    text += fmt::format("#include <gradc/core/{}.h>\n", header);
  text += "\n";
  for (const ir::Module& module : modules) text += emit_api(module, options);
  return lay_out(text);
}

std::string emit_main(std::span<const ir::Module> modules, const Options& options) {
  std::string text = banner(options, (options.stem + ".main.cpp").c_str());
  text += comment("The program: train, evaluate, sample, bench, check and info.");
  text += fmt::format("#include \"{}.gen.h\"\n\n#include <gradc/app/program.h>\n\n", options.stem);
  std::string models;
  for (const ir::Module& module : modules)
    models += fmt::format("{}&{}::kModel", models.empty() ? "" : ", ", namespace_of(module));
  text += fmt::format(
      "int main(int argc, char** argv) {{\n"
      "static constexpr const gradc::core::Model* kModels[] = {{{}}};\n"
      "return gradc::app::run(argc, argv, kModels);\n}}\n",
      models);
  return lay_out(text);
}

}  // namespace

Sources emit(std::span<const ir::Module> modules, Options options) {
  CHECK(!modules.empty());
  std::vector<Sections> models = write_sections(modules, options);
  if (options.fewer) options.parts = std::min(options.parts, parts_that_pay(models));
  divide(models, options.parts);
  Sources sources{
      emit_header(modules, options), emit_source(models, options), emit_main(modules, options), {}};
  for (const KernelsUnit& unit : units_of_kernels(options))
    sources.kernels.push_back({name_of(unit), unit.target != nullptr ? unit.target->name : "",
                               emit_kernels_source(models, options, unit)});
  return sources;
}

}  // namespace gradc::emit
