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

}  // namespace

std::string namespace_of(const NamedTarget& target) { return identifier(target.name); }

std::string march_of(const NamedTarget& target) {
  return target.target == Target::kSse2 ? kAnyMachine : "-march=" + target.name;
}

std::string emit_kernel_table(const std::vector<std::string>& functions) {
  std::string text =
      "extern const KernelFunction kKernels[];\nconstinit const KernelFunction kKernels[] = {\n";
  for (const std::string& function : functions) text += function + ",\n";
  if (functions.empty()) text += "nullptr,\n";  // an array has an element
  return text + "};\n\n";
}

std::string declare_kernels(const Options& options) {
  std::string text =
      "\n// Those of the entries below, in their order, as each target's file has them.\n";
  for (const NamedTarget& target : options.targets)
    text += fmt::format("namespace {} {{\nextern const core::KernelFunction kKernels[];\n}}\n",
                        namespace_of(target));
  return text + "\n";
}

std::string emit_pick(const Options& options) {
  std::string targets;
  for (const NamedTarget& target : options.targets)
    targets += fmt::format("{{\"{}\", {}::kKernels}},\n", target.name, namespace_of(target));
  return fmt::format(
      "constexpr TargetKernels kTargets[] = {{\n{}}};\n\n"
      "// What this machine runs, the same from the first call on.\n"
      "const TargetKernels& picked() {{\n"
      "static const TargetKernels& target = pick_target(kTargets);\nreturn target;\n}}\n\n"
      "const char* picked_name() {{\nreturn picked().target;\n}}\n\n",
      targets);
}

std::string call_of_kernel(const std::string& function, std::size_t index) {
  return fmt::format(
      "void {}(std::byte* arena, std::int64_t batch, int member, int members) {{\n"
      "picked().kernels[{}](arena, batch, member, members);\n}}\n\n",
      function, index);
}

std::string guard_of_kernels(const Options& options, const NamedTarget& target) {
  return guard(target.target, fmt::format("{}.{}.gen.cpp", options.stem, target.name),
               march_of(target));
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
