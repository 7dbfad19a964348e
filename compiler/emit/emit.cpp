#include "emit/emit.h"

#include <fmt/format.h>

#include <utility>

#include "emit/api.h"
#include "emit/kernel.h"
#include "emit/layout.h"
#include "emit/names.h"
#include "emit/tables.h"
#include "emit/transposed.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

std::string banner(const Options& options, const char* what) {
  return fmt::format("// {}: written by gradc from {}; edit that instead.\n//\n", what,
                     harmless(options.model_file));
}

// One entry: its kernels, and the function that runs them all.
std::string emit_entry(const std::string& entry, const ir::Program& program, KernelWriter& writer) {
  std::string text = fmt::format("namespace {} {{\n\n", entry);
  std::string calls;
  for (const ir::Unit& unit : ir::units_of(program)) {
    text += writer.write(program, unit);
    if (unit.first > 0) calls += "team.barrier();\n";
    calls += fmt::format("{}(arena, batch, member, members);\n", kernel_function(program, unit));
  }
  text += fmt::format(
      "void run(std::byte* arena, std::int64_t batch, Team& team) {{\n"
      "team.run([{}](int member, int members) {{\n{}}});\n}}\n\n",
      ir::units_of(program).size() > 1 ? "=, &team" : "=", calls);
  return text + fmt::format("}}  // namespace {}\n\n", entry);
}

// Entries and tables of one module, in the namespace that it is in.
std::string emit_module(const ir::Module& module, const Options& options,
                        const std::string& decoder, const std::string& reference) {
  KernelWriter writer(options.target);
  std::string text;
  for (const auto& [entry, program] : entries_of(module))
    text += emit_entry(entry, *program, writer);
  return "namespace kernels {\n\n" + writer.functions() + "}  // namespace kernels\n\n" + text +
         emit_tables(module, options, decoder, reference);
}

// What kernels share, as far as these need it.
std::string helpers(const ir::Module& module, const std::string& code) {
  std::string text;
  for (const auto& [name, type] : {std::pair{"kInfinity", "float"}, {"kInfinity64", "double"}})
    if (mentions(code, name))
      text +=
          fmt::format("constexpr {0} {1} = std::numeric_limits<{0}>::infinity();\n\n", type, name);
  if (mentions(code, "at"))
    text +=
        "template <class T>\n"
        "T* at(std::byte* arena, std::int64_t offset) {\n"
        "return reinterpret_cast<T*>(arena + offset);\n}\n\n";
  if (mentions(code, "transpose_block")) {
    text += transpose_block_helper(module.declared.real);
    if (!module.reference.empty()) text += transpose_block_helper(Element::kF64);
  }
  if (mentions(code, "reached"))
    text += fmt::format(
        "// How many of `positions` the one at `place` sees, in whole vectors.\n"
        "std::int64_t reached(std::int64_t place, std::int64_t positions) {{\n"
        "return std::min<std::int64_t>((place / {0} + 1) * {0}, positions);\n}}\n\n",
        ir::lanes_of(module.declared.real));
  if (mentions(code, "share"))
    text +=
        "struct Range {\nstd::int64_t begin, end;\n};\n\n"
        "// What one of `members` does of the work items 0 .. count - 1.\n"
        "Range share(std::int64_t count, int member, int members) {\n"
        "return {count * member / members, count * (member + 1) / members};\n}\n\n";
  return text;
}

std::string emit_source(std::span<const ir::Module> modules, const Options& options) {
  std::string text = banner(options, (options.stem + ".gen.cpp").c_str()) +
                     comment(
                         "The kernels of each entry in the order in which they run, with what "
                         "each computes; then the tables that describe the model to programs.") +
                     fmt::format("#include \"{}.gen.h\"\n\n", options.stem);
  for (const char* header : {"algorithm", "cstddef", "cstdint", "limits", "stdexcept"})
    text += fmt::format("#include <{}>\n", header);
  text += "\n";
  for (const char* header : {"math", "model", "random", "target", "team", "vector"})
    text += fmt::format("#include <gradc/core/{}.h>\n", header);
  for (const ir::Module& module : modules) {
    const std::string name = namespace_of(module);
    std::string code;
    if (!module.reference.empty())
      code +=
          "// The same model in f64, against which its gradients are checked.\n"
          "namespace reference {\n\n" +
          emit_module(module.reference.front(), options, "", "") + "}  // namespace reference\n\n";
    if (!module.decoder.empty())
      code +=
          "// One position of the sequence that the model generates.\n"
          "namespace decoder {\n\n" +
          emit_module(module.decoder.front(), options, "", "") + "}  // namespace decoder\n\n";
    code += emit_module(module, options, module.decoder.empty() ? "" : "decoder::kDescription",
                        module.reference.empty() ? "" : "reference::kDescription");
    text += fmt::format(
        "\nnamespace gradc::generated::{0} {{\nnamespace {{\n\nusing namespace core;\n\n{1}{2}\n"
        "}}  // namespace\n}}  // namespace gradc::generated::{0}\n\n",
        name, helpers(module, code), code);
    // The variable has to be in the namespace of its declaration, its value in that of the kernels.
    text += fmt::format(
        "namespace gradc::generated::{0} {{\nconstexpr const Model& description() {{ return "
        "kDescription; }}\n}}  // namespace gradc::generated::{0}\n\n"
        "namespace {0} {{\n\n"
        "constinit const gradc::core::Model kModel = gradc::generated::{0}::description();\n\n{1}"
        "}}  // namespace {0}\n",
        name, emit_api_members(module));
  }
  return lay_out(text);
}

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

Sources emit(std::span<const ir::Module> modules, const Options& options) {
  CHECK(!modules.empty());
  return {emit_header(modules, options), emit_source(modules, options),
          emit_main(modules, options)};
}

}  // namespace gradc::emit
