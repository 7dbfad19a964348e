#include "emit/function_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/blocks.h"
#include "emit/body.h"
#include "emit/contraction.h"
#include "emit/facts.h"
#include "emit/layout.h"
#include "emit/nest.h"
#include "emit/transposed.h"
#include "emit/tuning.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

// A parameter without a name where the code does not speak of it.
std::string parameter(const std::string& code, const char* type, const std::string& name) {
  return mentions(code, name) ? fmt::format("{} {}", type, name) : type;
}

// The axis whose end the present position, or a tile's last row, decides; null: none.
const ir::Axis* limited_axis(const ir::Kernel& kernel) {
  const auto axis = std::ranges::find_if(kernel.axes, &ir::Axis::limited);
  return axis == kernel.axes.end() ? nullptr : &*axis;
}

// What the code speaks of, from the operands.
std::string operands_of(const Facts& facts, const std::string& code) {
  std::string text;
  std::size_t index = 0;
  for (const ir::Buffer& buffer : facts.program().buffers) {
    if (mentions(code, buffer.name))
      text += pointer_operand(index, buffer, facts.stores_to(static_cast<int>(index)), buffer.name);
    ++index;
  }
  for (int i = 0; i < facts.streams(); ++i, ++index)
    if (mentions(code, stream_name(i))) text += stream_operand(index, stream_name(i));
  return text;
}

std::string inner_function(const Facts& facts, const std::string& code) {
  std::string text =
      fmt::format("GRADC_KERNEL static void {}({}, {}", kUnnamed, facts.operand_parameters(code),
                  parameter(code, "std::int64_t", "batch"));
  for (const int axis : facts.kernel().fixed)
    text += ", " + parameter(code, "std::int64_t", facts.axis_names()[axis]);
  if (facts.has_limit()) text += ", " + parameter(code, "std::int64_t", "limit");
  return text + ") {\n" + code + "}\n\n";
}

}  // namespace

bool asks_position(const ir::Kernel& kernel) {
  return kernel.fixed.empty() && (kernel.first || limited_axis(kernel) != nullptr);
}

std::string pointer_operand(std::size_t index, const ir::Buffer& buffer, bool stored,
                            const std::string& name) {
  const char* type = element_type(buffer.element);
  return fmt::format("{}{}* {} = at<{}>(arena, operands[{}]);\n", stored ? "" : "const ", type,
                     name, type, index);
}

std::string stream_operand(std::size_t index, const std::string& name) {
  return fmt::format("const auto {} = static_cast<std::uint32_t>(operands[{}]);\n", name, index);
}

std::string called_function(const ir::Kernel& kernel, std::size_t operands,
                            const std::string& code) {
  const std::string position = fmt::format("*at<std::int32_t>(arena, operands[{}])", operands);
  std::string before;
  if (kernel.first) before += fmt::format("if ({} != 0) return;\n", position);
  if (const ir::Axis* axis = limited_axis(kernel))
    before += fmt::format("const std::int64_t limit = reached({}, {});\n", position, axis->extent);
  return fmt::format(
      "GRADC_KERNEL void {}(std::byte* arena, const std::int64_t* operands, {}, {}, {}) {{\n"
      "{}{}}}\n\n",
      kUnnamed, parameter(code, "std::int64_t", "batch"), parameter(code, "int", "member"),
      parameter(code, "int", "members"), before, code);
}

std::string function_text(const Alone& one, const std::string& kernel_name, Target target,
                          const Tuning& tuning) {
  const ir::Kernel& kernel = one.program.kernels.front();
  const Facts facts(one.program, kernel);
  std::string tiles, tile, code;
  if (kernel.contracts) {
    Contraction contraction(facts, kUnnamed, target,
                            tuned_tile(facts, kernel_name, target, tuning));
    contraction.emit();
    tiles = contraction.tiles();
    tile = comment(contraction.description(), 2, 6);
    code = contraction.dispatch();
  } else if (Blocks::suit(facts)) {
    tile = comment(fmt::format("in blocks of {} rows", facts.types().lanes), 2, 6);
    code = Blocks(one.program, kernel).emit();
  } else {
    Body body(facts);
    if (is_transposed_copy(facts))
      emit_transposed_copy(body);
    else
      Nest(body).emit();
    code = body.text();
  }
  std::string text;
  for (const std::string& formula : ir::formulas(one.program, kernel))
    text += comment(formula, 0, 4);
  text += tile + tiles;
  if (facts.is_inside()) return text + inner_function(facts, code);
  return text + called_function(kernel, one.buffers.size() + one.streams.size(),
                                operands_of(facts, code) + code);
}

}  // namespace gradc::emit
