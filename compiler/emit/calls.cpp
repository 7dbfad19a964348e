#include "emit/calls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "emit/layout.h"
#include "emit/tables.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {

std::string emit_entry(const Section& section, const Entry& entry, const std::string& first) {
  const ir::Program& program = *entry.program;
  std::string rows;
  auto call = entry.calls.begin();
  for (const ir::Unit& unit : ir::units_of(program)) {
    const ir::Cost cost = ir::cost_of(program, unit);
    const ir::Amount bytes = cost.bytes();
    rows += comment(fmt::format("{}: {}", unit.first, fmt::join(call->names, ", ")), 0, 4, 4);
    rows += row(
        fmt::format("{{{}, {}, {}::{}, {{{}}}, {}, {}, {}, {}}},", quoted(unit_name(program, unit)),
                    quoted(ir::place_of(program, program.kernels[unit.first].source)),
                    section.kernels, section.functions[call->function].name,
                    fmt::join(call->operands, ", "), number(cost.flop.fixed),
                    number(cost.flop.per_item), number(bytes.fixed), number(bytes.per_item)));
    ++call;
  }
  return fmt::format(
      "namespace {} {{\n\n"
      "// Of each kernel: its operands; then name, source, function and where the operands lie, "
      "FLOP\n// fixed and an item, bytes fixed and an item.\n"
      "{}"
      "void run(std::byte* arena, std::int64_t batch, Team& team) {{\n{}"
      "run_kernels(kKernels, arena, batch, team);\n}}\n\n}}  // namespace {}\n\n",
      entry.name, table("constexpr KernelInfo kKernels[]", rows), first, entry.name);
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
