#include "emit/source.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "emit/api.h"
#include "emit/kernel.h"
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
  if (mentions(code, "transpose_block")) {
    const bool any_element = mentions(code, "bf16") || mentions(code, "int8_t");
    text += transpose_block_helper(module.declared.real, any_element);
    if (!module.reference.empty() && module.declared.real != Element::kF64)
      text += transpose_block_helper(Element::kF64, false);
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

// What a source holds of a model: all, for one target; or the kernels for one of several; or what
// calls those.
enum class Contents { kAll, kKernels, kCalls };

// A model in one source: its entries and tables, its decoder's and its reference's.
class ModelWriter {
 public:
  ModelWriter(const Options& options, Contents contents, Target target)
      : options_(options), contents_(contents), target_(target) {}

  std::string write(const ir::Module& module) {
    std::string text;
    if (!module.reference.empty())
      text +=
          "// The same model in f64, against which its gradients are checked.\n"
          "namespace reference {\n\n" +
          write_part(module.reference.front(), "reference::", "", "") +
          "}  // namespace reference\n\n";
    if (!module.decoder.empty())
      text +=
          "// One position of the sequence that the model generates.\n"
          "namespace decoder {\n\n" +
          write_part(module.decoder.front(), "decoder::", "", "") + "}  // namespace decoder\n\n";
    return text + write_part(module, "", module.decoder.empty() ? "" : "decoder::kDescription",
                             module.reference.empty() ? "" : "reference::kDescription");
  }

  // The functions of all kernels, in the order in which they were written.
  const std::vector<std::string>& kernels() const { return kernels_; }

 private:
  // Entries and tables of one module, in the namespace that it is in.
  std::string write_part(const ir::Module& module, const std::string& space,
                         const std::string& decoder, const std::string& reference) {
    KernelWriter writer(target_);
    std::string text;
    for (const auto& [entry, program] : entries_of(module))
      text += write_entry(entry, *program, space, writer);
    if (contents_ != Contents::kCalls)
      text = "namespace kernels {\n\n" + writer.functions() + "}  // namespace kernels\n\n" + text;
    if (contents_ != Contents::kKernels) text += emit_tables(module, options_, decoder, reference);
    return text;
  }

  // One entry: its kernels, and the function that runs them all.
  std::string write_entry(const std::string& entry, const ir::Program& program,
                          const std::string& space, KernelWriter& writer) {
    const bool called = contents_ == Contents::kCalls;
    std::string text = fmt::format("namespace {} {{\n\n", entry);
    std::string calls;
    for (const ir::Unit& unit : ir::units_of(program)) {
      const std::string function = kernel_function(program, unit);
      text += called ? heading(program, unit) + call_of_kernel(function, kernels_.size())
                     : writer.write(program, unit);
      kernels_.push_back(space + entry + "::" + function);
      if (unit.first > 0) calls += "team.barrier();\n";
      calls += fmt::format("{}(arena, batch, member, members);\n", function);
    }
    if (contents_ != Contents::kKernels)
      text += fmt::format(
          "void run(std::byte* arena, std::int64_t batch, Team& team) {{\n{}"
          "team.run([{}](int member, int members) {{\n{}}});\n}}\n\n",
          called ? std::string(kPickFirst) : "",
          ir::units_of(program).size() > 1 ? "=, &team" : "=", calls);
    return text + fmt::format("}}  // namespace {}\n\n", entry);
  }

  const Options& options_;
  Contents contents_;
  Target target_;
  std::vector<std::string> kernels_;
};

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

std::string emit_source(std::span<const ir::Module> modules, const Options& options) {
  const bool several = !options.targets.empty();
  static constexpr const char* kStandard[] = {"algorithm", "cstddef", "cstdint", "limits",
                                              "stdexcept"};
  static constexpr const char* kCore[] = {"math", "model", "random", "target", "team", "vector"};
  static constexpr const char* kCallers[] = {"model", "targets", "team"};
  std::string text =
      banner(options, options.stem + ".gen.cpp") +
      comment(several ? "The kernels of each entry in the order in which they run, which are those "
                        "of the target that is picked; then the tables that describe the model to "
                        "programs. To be compiled for any machine: -march=x86-64."
                      : "The kernels of each entry in the order in which they run, with what "
                        "each computes; then the tables that describe the model to programs.") +
      fmt::format("#include \"{}.gen.h\"\n\n", options.stem) +
      (several ? includes(kStandard, kCallers) + "\n" + guard_of_callers(options)
               : includes(kStandard, kCore));
  for (const ir::Module& module : modules) {
    ModelWriter writer(options, several ? Contents::kCalls : Contents::kAll, options.target);
    const std::string code = writer.write(module);
    text += fmt::format(
        "\nnamespace gradc::generated::{0} {{\n{1}namespace {{\n\nusing namespace core;\n\n{2}{3}\n"
        "}}  // namespace\n}}  // namespace gradc::generated::{0}\n\n",
        namespace_of(module), several ? declare_kernels(options) : "",
        several ? emit_pick(options) : helpers(module, code), code);
    text += emit_members(module, options);
  }
  return lay_out(text);
}

std::string emit_kernels_source(std::span<const ir::Module> modules, const Options& options,
                                const NamedTarget& target) {
  static constexpr const char* kStandard[] = {"cstddef", "cstdint", "limits"};
  static constexpr const char* kCore[] = {"math", "model", "random", "target", "vector"};
  std::string text =
      banner(options, fmt::format("{}.{}.gen.cpp", options.stem, target.name)) +
      comment(
          "The kernels of each entry in the order in which they run, with what each computes, "
          "for one of the targets that a program picks from. To be compiled with " +
          march_of(target) + ".") +
      includes(kStandard, kCore) + "\n" + guard_of_kernels(options, target);
  for (const ir::Module& module : modules) {
    ModelWriter writer(options, Contents::kKernels, target.target);
    const std::string code = without_library_functions(writer.write(module));
    text += fmt::format(
        "\nnamespace gradc::generated::{0}::{1} {{\nnamespace {{\n\nusing namespace core;\n\n"
        "{2}{3}\n}}  // namespace\n\n{4}}}  // namespace gradc::generated::{0}::{1}\n",
        namespace_of(module), namespace_of(target),
        without_library_functions(helpers(module, code)), code,
        emit_kernel_table(writer.kernels()));
  }
  return lay_out(text);
}

}  // namespace gradc::emit
