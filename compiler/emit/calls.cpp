#include "emit/calls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "emit/layout.h"
#include "emit/several.h"
#include "emit/tables.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

bool multiplies_pairs(const Section& section, const Function& function) {
  return mentions(function.texts.front(), "bf16x32") ||
         std::ranges::any_of(function.calls, [&](std::size_t callee) {
           return multiplies_pairs(section, section.functions[callee]);
         });
}

}  // namespace

std::string emit_entry(const Section& section, const Entry& entry, const Options& options) {
  const ir::Program& program = *entry.program;
  const bool several = !options.targets.empty();
  std::string rows, more;
  auto call = entry.calls.begin();
  for (const ir::Unit& unit : ir::units_of(program)) {
    const ir::Cost cost = ir::cost_of(program, unit);
    const ir::Amount bytes = cost.bytes();
    const Function& function = section.functions[call->function];
    // Of several targets none has the instruction.
    const bool pairs = !several && multiplies_pairs(section, function);
    if (pairs) more = "; whether an instruction makes its\n// products of bf16";
    rows += comment(fmt::format("{}: {}", unit.first, fmt::join(call->names, ", ")), 0, 4, 4);
    rows += row(fmt::format(
        "{{{}, {}, {}::{}, {{{}}}, {}, {}, {}, {}{}}},", quoted(unit_name(program, unit)),
        quoted(ir::place_of(program, program.kernels[unit.first].source)), section.kernels,
        function.name, fmt::join(call->operands, ", "), number(cost.flop.fixed),
        number(cost.flop.per_item), number(bytes.fixed), number(bytes.per_item),
        pairs ? ", kDotsBf16" : ""));
    ++call;
  }
  return fmt::format(
      "namespace {} {{\n\n"
      "// Of each kernel: its operands; then name, source, function and where the operands lie, "
      "FLOP\n// fixed and an item, bytes fixed and an item{}.\n"
      "{}"
      "void run(std::byte* arena, std::int64_t batch, Team& team) {{\n{}"
      "run_kernels(kKernels, arena, batch, team);\n}}\n\n}}  // namespace {}\n\n",
      entry.name, more, table("constexpr KernelInfo kKernels[]", rows), several ? kPickFirst : "",
      entry.name);
}

std::string run_kernels_helper() {
  return "// Nobody begins a kernel before all are done with the one before it.\n"
         "void run_kernels(std::span<const KernelInfo> kernels, std::byte* arena, std::int64_t "
         "batch, Team& team) {\n"
         "team.run([&](int member, int members) {\n"
         "for (const KernelInfo& kernel : kernels) {\n"
         "if (&kernel != kernels.data()) team.barrier();\n"
         "kernel.run(arena, batch, member, members);\n}\n});\n}\n\n";
}

}  // namespace gradc::emit
