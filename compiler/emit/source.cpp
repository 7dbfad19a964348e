#include "emit/source.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "emit/api.h"
#include "emit/calls.h"
#include "emit/layout.h"
#include "emit/several.h"
#include "emit/tables.h"
#include "emit/transposed.h"

namespace gradc::emit {
namespace {

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
  for (const Element real : {Element::kF32, Element::kF64}) {
    const bool narrow = mentions(code, "bf16") || mentions(code, "int8_t");
    if (mentions(code, transpose_block_name(real)))
      text += transpose_block_helper(real, narrow && real == module.declared.real);
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

// The functions that a file has of a model: those of a part, for a target, and what they need.
std::string emit_functions(const Sections& model, const KernelsUnit& unit) {
  std::string text;
  for (const Section& section : model.sections) {
    std::string functions;
    for (const Function& function : section.functions)
      if (function.part == unit.part) functions += function.comment + function.texts[unit.text];
    if (!functions.empty())
      text += fmt::format("namespace {0} {{\n\n{1}}}  // namespace {0}\n\n", section.kernels,
                          functions);
  }
  return text;
}

// Entries and tables of one section, in the namespace that it is in.
std::string emit_section(const Sections& model, const Section& section, const Options& options) {
  std::string text;
  for (const Entry& entry : section.entries) text += emit_entry(section, entry, options);
  const bool whole = section.space.empty();
  const auto description = [&](const std::vector<ir::Module>& has, const char* name) {
    return whole && !has.empty() ? std::string(name) + "::kDescription" : "";
  };
  text += emit_tables(*section.module, options, description(model.model->decoder, "decoder"),
                      description(model.model->reference, "reference"));
  if (whole) return text;
  const char* what = section.space == "decoder"
                         ? "One position of the sequence that the model generates."
                         : "The same model in f64, against which its gradients are checked.";
  return fmt::format("// {0}\nnamespace {1} {{\n\n{2}}}  // namespace {1}\n\n", what, section.space,
                     text);
}

std::string includes(std::span<const char* const> standard, std::span<const char* const> core) {
  std::string text;
  for (const char* header : standard) text += fmt::format("#include <{}>\n", header);
  text += "\n";
  for (const char* header : core) text += fmt::format("#include <gradc/core/{}.h>\n", header);
  return text;
}

// The variable has to be in the namespace of its declaration, its value in that of the kernels.
std::string emit_members(const ir::Module& module, const Options& options) {
  return fmt::format(
      "namespace gradc::generated::{0} {{\nconstexpr const Model& description() {{ return "
      "kDescription; }}\n}}  // namespace gradc::generated::{0}\n\n"
      "namespace {0} {{\n\n"
      "constinit const gradc::core::Model kModel = gradc::generated::{0}::description();\n\n{1}"
      "}}  // namespace {0}\n",
      namespace_of(module), emit_api_members(module, !options.targets.empty()));
}

}  // namespace

std::string banner(const Options& options, const std::string& what) {
  return fmt::format("// {}: written by gradc from {}; edit that instead.\n//\n", what,
                     harmless(options.model_file));
}

std::string emit_source(std::span<const Sections> models, const Options& options) {
  const bool several = !options.targets.empty(), apart = !units_of_kernels(options).empty();
  static constexpr const char* kStandard[] = {"algorithm", "cstddef", "cstdint",
                                              "limits",    "span",    "stdexcept"};
  static constexpr const char* kCore[] = {"math", "model", "random", "target", "team", "vector"};
  static constexpr const char* kPicks[] = {"model", "targets", "team"};
  static constexpr const char* kCallers[] = {"model", "target", "team"};
  std::string text =
      banner(options, options.stem + ".gen.cpp") +
      comment(several ? "What the kernels of each entry are, in the order in which they run; the "
                        "tables that describe the model to programs. The kernels stand in files of "
                        "their own, for each of the targets that a program picks from. To be "
                        "compiled for any machine: -march=x86-64."
              : apart ? "What the kernels of each entry are, in the order in which they run; the "
                        "tables that describe the model to programs. The kernels stand in files of "
                        "their own."
                      : "What kernels compute, each once for all that do the same; those of each "
                        "entry, in the order in which they run; the tables that describe the model "
                        "to programs.") +
      fmt::format("#include \"{}.gen.h\"\n\n", options.stem);
  text += several ? includes(kStandard, kPicks) + "\n" + guard_of_callers(options)
          : apart ? includes(kStandard, kCallers)
                  : includes(kStandard, kCore);
  for (const Sections& model : models) {
    std::string code = run_kernels_helper();
    if (!apart) code += emit_functions(model, {});
    if (several) code += emit_pick(model, options);
    for (const Section& section : model.sections) code += emit_section(model, section, options);
    text += fmt::format(
        "\nnamespace gradc::generated::{0} {{\n{1}namespace {{\n\nusing namespace core;\n"
        "using enum Role;\nusing enum Element;\nusing enum Initializer::Kind;\n\n{2}{3}\n"
        "}}  // namespace\n}}  // namespace gradc::generated::{0}\n\n",
        namespace_of(*model.model), apart ? declare_kernels(model, options) : "",
        helpers(*model.model, code), code);
    text += emit_members(*model.model, options);
  }
  return lay_out(text);
}

std::string emit_kernels_source(std::span<const Sections> models, const Options& options,
                                const KernelsUnit& unit) {
  static constexpr const char* kStandard[] = {"algorithm", "cstddef", "cstdint", "limits"};
  static constexpr const char* kCore[] = {"math", "random", "target", "vector"};
  const bool several = unit.target != nullptr;
  std::string text =
      banner(options, fmt::format("{}.{}.gen.cpp", options.stem, name_of(unit))) +
      comment(
          std::string(unit.parts > 1 ? "A part of what kernels compute" : "What kernels compute") +
          ", each once for all that do the same" +
          (several ? ", for one of the targets that a program picks from. To be compiled with " +
                         march_of(*unit.target)
                   : "") +
          ".") +
      includes(std::span(kStandard).subspan(several ? 1 : 0), kCore) + "\n" +
      guard_of_kernels(options, unit);
  for (const Sections& model : models) {
    std::string code = emit_functions(model, unit);
    code = fmt::format("namespace {{\n\nusing namespace core;\n\n{}}}  // namespace\n\n{}",
                       helpers(*model.model, code), code);
    text += fmt::format(
        "\nnamespace gradc::generated::{0}{1} {{\n{2}}}  // namespace "
        "gradc::generated::{0}{1}\n",
        namespace_of(*model.model), namespace_of(unit),
        several ? without_library_functions(std::move(code)) : code);
  }
  return lay_out(text);
}

}  // namespace gradc::emit
