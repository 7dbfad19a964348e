#include "emit/kernel.h"

#include <fmt/format.h>

#include <set>

#include "emit/axes.h"
#include "emit/body.h"
#include "emit/contraction.h"
#include "emit/layout.h"
#include "emit/nest.h"
#include "emit/transposed.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

// Every buffer of a kernel with its shape, in the order in which the kernel speaks of it.
std::string shapes(const ir::Program& program, const ir::Kernel& kernel) {
  std::string text;
  std::set<int> seen;
  const auto add = [&](int buffer) {
    if (buffer < 0 || !seen.insert(buffer).second) return;
    const ir::Buffer& b = program.buffers[buffer];
    text += (text.empty() ? "" : ", ") + b.name;
    if (b.shape.size() > 0) text += " " + to_text(b.shape).str();
  };
  if (kernel.contracts) {
    add(kernel.contraction.left_buffer);
    add(kernel.contraction.right_buffer);
  }
  for (const ir::Value& value : kernel.values) add(value.buffer);
  for (const ir::Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const ir::Store& store : *stores) add(store.buffer);
  return text;
}

std::string figures(const ir::Program& program, const ir::Kernel& kernel) {
  const ir::Cost cost = ir::cost_of(program, kernel);
  const std::int64_t batch = program.max_batch;
  std::string text = program.has_batch ? fmt::format("at batch {}: ", batch) : "";
  if (cost.flop.at(batch) > 0) text += ir::grouped(cost.flop.at(batch)) + " FLOP, ";
  if (cost.calls.at(batch) > 0) text += ir::grouped(cost.calls.at(batch)) + " calls, ";
  return text + fmt::format("{} bytes in, {} out", ir::grouped(cost.read.at(batch)),
                            ir::grouped(cost.written.at(batch)));
}

std::string heading(const ir::Program& program, int index, const std::string& tile) {
  const ir::Kernel& kernel = program.kernels[index];
  std::string title =
      fmt::format("kernel {} of {}: {}", index, program.kernels.size(), kernel.name);
  const std::string place = ir::place_of(program, kernel.source);
  if (!place.empty()) title += "   " + place;
  std::string text = "// " + title + "\n";
  for (const std::string& formula : ir::formulas(program, kernel)) text += comment(formula, 2, 6);
  text += comment(shapes(program, kernel), 2, 6);
  return text + comment(figures(program, kernel) + (tile.empty() ? "" : "; " + tile), 2, 6);
}

}  // namespace

std::string kernel_function(const ir::Program& program, int index) {
  std::string name = identifier(program.kernels[index].name);
  if (name.back() == '_') name.pop_back();  // behind its number, no word is reserved
  return fmt::format("k{}_{}", index, name);
}

namespace {

// A parameter without a name where the code does not speak of it.
std::string parameter(const std::string& code, const char* type, const char* name) {
  return mentions(code, name) ? fmt::format("{} {}", type, name) : type;
}

}  // namespace

std::string emit_kernel(const ir::Program& program, int index, Target target) {
  const ir::Kernel kernel = with_better_axes(program.kernels[index]);
  const std::string name = kernel_function(program, index);
  const Facts facts(program, kernel);
  std::string tiles, tile, code;
  if (kernel.contracts) {
    Contraction contraction(facts, name, target);
    contraction.emit();
    tiles = contraction.tiles();
    tile = contraction.description();
    code = contraction.dispatch();
  } else {
    Body body(facts);
    if (is_transposed_copy(facts))
      emit_transposed_copy(body);
    else
      Nest(body).emit();
    code = body.text();
  }
  return heading(program, index, tile) + tiles +
         fmt::format("GRADC_KERNEL void {}({}, {}, {}, {}) {{\n{}}}\n\n", name,
                     parameter(code, "std::byte*", "arena"),
                     parameter(code, "std::int64_t", "batch"), parameter(code, "int", "member"),
                     parameter(code, "int", "members"), code);
}

}  // namespace gradc::emit
