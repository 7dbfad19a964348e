#include "emit/several.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "emit/names.h"

namespace gradc::emit {
namespace {

// What holds where the compiler's instruction set is another than the target's; target.h defines
// the macros that are gradc's.
std::string mismatch(Target target) {
  switch (target) {
    case Target::kAvx512:
      return "!defined(GRADC_TARGET_AVX512)";
    case Target::kAvx2:
      return "!defined(GRADC_TARGET_AVX2)";
    case Target::kSse2:
      break;
  }
  return "defined(__AVX__)";
}

std::string guard(Target target, const std::string& file, const std::string& march) {
  return fmt::format("#if {}\n#error \"{}: compile this file with {}\"\n#endif\n", mismatch(target),
                     file, march);
}

constexpr const char* kAnyMachine = "-march=x86-64";

std::string table_of(const NamedTarget& target) { return "k" + camel_case(target.name); }

// The functions that kernels call, each as "kernels::name".
template <class F>
void each_called(const Sections& model, F f) {
  for (const Section& section : model.sections)
    for (const Function& function : section.functions)
      if (function.called) f(section, function);
}

}  // namespace

std::vector<KernelsUnit> units_of_kernels(const Options& options) {
  std::vector<KernelsUnit> units;
  const auto add = [&](const NamedTarget* target, std::size_t text) {
    for (int part = 0; part < options.parts; ++part)
      units.push_back({target, text, part, options.parts});
  };
  for (std::size_t i = 0; i < options.targets.size(); ++i) add(&options.targets[i], i);
  if (units.empty() && options.parts > 1) add(nullptr, 0);
  return units;
}

std::string name_of(const KernelsUnit& unit) {
  std::string name = unit.target != nullptr ? unit.target->name : "";
  if (unit.parts > 1) name += fmt::format("{}kernels{}", name.empty() ? "" : ".", unit.part + 1);
  return name;
}

std::string namespace_of(const KernelsUnit& unit) {
  return unit.target != nullptr ? "::" + identifier(unit.target->name) : "";
}

std::string march_of(const NamedTarget& target) {
  return target.target == Target::kSse2 ? kAnyMachine : "-march=" + target.name;
}

std::string declare_kernels(const Sections& model, const Options& options) {
  std::vector<std::string> spaces;  // of the targets
  for (const NamedTarget& target : options.targets)
    spaces.push_back(identifier(target.name) + "::");
  if (spaces.empty()) spaces.emplace_back();
  std::string text = "// What files of kernels have.\n";
  for (const std::string& space : spaces)
    for (const Section& section : model.sections) {
      std::string names;
      for (const Function& function : section.functions)
        if (function.called) names += (names.empty() ? "" : ", ") + function.name;
      if (!names.empty())
        text += fmt::format("namespace {0}{1} {{\ncore::Kernel {2};\n}}\n", space, section.kernels,
                            names);
    }
  return text + "\n";
}

std::string emit_pick(const Sections& model, const Options& options) {
  std::string text, targets;
  for (const NamedTarget& target : options.targets) {
    std::string functions;
    each_called(model, [&](const Section& section, const Function& function) {
      functions +=
          fmt::format("{}::{}::{},\n", identifier(target.name), section.kernels, function.name);
    });
    if (functions.empty()) functions = "nullptr";  // an array has an element
    text +=
        fmt::format("constexpr KernelFunction {}[] = {{\n{}}};\n\n", table_of(target), functions);
    targets += fmt::format("{{\"{}\", {}}},\n", target.name, table_of(target));
  }
  text += fmt::format(
      "constexpr TargetKernels kTargets[] = {{\n{}}};\n\n"
      "// What this machine runs, the same from the first call on.\n"
      "const TargetKernels& picked() {{\n"
      "static const TargetKernels& target = pick_target(kTargets);\nreturn target;\n}}\n\n"
      "const char* picked_name() {{\nreturn picked().target;\n}}\n\n",
      targets);
  std::size_t index = 0;
  std::string calls;
  for (const Section& section : model.sections) {
    std::string names;
    for (const Function& function : section.functions)
      if (function.called)
        names += fmt::format("{}{} = call<{}>", names.empty() ? "" : ", ", function.name, index++);
    if (!names.empty())
      calls += fmt::format("namespace {} {{\nconstexpr KernelFunction {};\n}}\n\n", section.kernels,
                           names);
  }
  if (calls.empty()) return text;
  return text +
         "// The kernel in this place of the table that is picked.\n"
         "template <int kPlace>\n"
         "void call(std::byte* arena, const std::int64_t* operands, std::int64_t batch, int "
         "member, "
         "int members) {\n"
         "picked().kernels[kPlace](arena, operands, batch, member, members);\n}\n\n" +
         calls;
}

std::string guard_of_kernels(const Options& options, const KernelsUnit& unit) {
  if (unit.target == nullptr) return "";
  return guard(unit.target->target, fmt::format("{}.{}.gen.cpp", options.stem, name_of(unit)),
               march_of(*unit.target));
}

std::string guard_of_callers(const Options& options) {
  return guard(Target::kSse2, options.stem + ".gen.cpp", kAnyMachine);
}

std::string without_library_functions(std::string code) {
  for (const auto& [library, core] :
       {std::pair<std::string_view, std::string_view>{"std::min", "core::min"},
        {"std::max", "core::max"}})
    for (std::size_t at = 0; (at = code.find(library, at)) != std::string::npos; at += core.size())
      code.replace(at, library.size(), core);
  return code;
}

}  // namespace gradc::emit
