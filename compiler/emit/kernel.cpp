#include "emit/kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emit/axes.h"
#include "emit/blocks.h"
#include "emit/body.h"
#include "emit/contraction.h"
#include "emit/layout.h"
#include "emit/names.h"
#include "emit/nest.h"
#include "emit/streamed.h"
#include "emit/transposed.h"
#include "ir/access.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

// Every buffer with its shape, in the order in which the kernels speak of it.
std::string shapes(const ir::Program& program, const ir::Unit& unit) {
  std::string text;
  std::set<int> seen;
  const auto add = [&](int buffer, const ir::Affine&, int, bool) {
    const ir::Buffer& b = program.buffers[buffer];
    if (b.storage == ir::Buffer::Storage::kLocal || !seen.insert(buffer).second) return;
    text += (text.empty() ? "" : ", ") + b.name;
    if (!b.shape.empty()) text += " " + to_text(b.shape).str();
  };
  for (int i = 0; i < unit.count; ++i) ir::each_access(program.kernels[unit.first + i], add);
  return text;
}

std::string figures(const ir::Program& program, const ir::Unit& unit) {
  const ir::Cost cost = ir::cost_of(program, unit);
  const std::int64_t batch = program.max_batch;
  std::string text = program.has_batch ? fmt::format("at batch {}: ", batch) : "";
  if (cost.flop.at(batch) > 0) text += ir::grouped(cost.flop.at(batch)) + " FLOP, ";
  if (cost.calls.at(batch) > 0) text += ir::grouped(cost.calls.at(batch)) + " calls, ";
  return text + fmt::format("{} bytes in, {} out", ir::grouped(cost.read.at(batch)),
                            ir::grouped(cost.written.at(batch)));
}

// A parameter without a name where the code does not speak of it.
std::string parameter(const std::string& code, const char* type, const char* name) {
  return mentions(code, name) ? fmt::format("{} {}", type, name) : type;
}

constexpr std::size_t kLongestName = 40;  // of what a stream is called, about

// Stands for the name of the function, which is not known before its text is.
constexpr char kUnnamed[] = "@";

std::string function_text(const ir::Program& one, Target target) {
  const ir::Kernel& kernel = one.kernels.front();
  const Facts facts(one, kernel);
  std::string tiles, tile, code;
  if (kernel.contracts) {
    Contraction contraction(facts, kUnnamed, target);
    contraction.emit();
    tiles = contraction.tiles();
    tile = comment(contraction.description(), 2, 6);
    code = contraction.dispatch();
  } else if (Blocks::suit(facts)) {
    tile = comment(fmt::format("in blocks of {} rows", facts.types().lanes), 2, 6);
    code = Blocks(one, kernel).emit();
  } else {
    Body body(facts);
    if (is_transposed_copy(facts))
      emit_transposed_copy(body);
    else
      Nest(body).emit();
    code = body.text();
  }
  std::string text;
  for (const std::string& formula : ir::formulas(one, kernel)) text += comment(formula, 0, 4);
  text += tile + tiles +
          fmt::format("GRADC_KERNEL void {}({}, {}", kUnnamed, facts.operand_parameters(code),
                      parameter(code, "std::int64_t", "batch"));
  if (facts.is_inside()) {
    for (const int axis : kernel.fixed)
      text += ", " + parameter(code, "std::int64_t", facts.axis_names()[axis].c_str());
  }
  if (facts.has_limit()) text += ", " + parameter(code, "std::int64_t", "limit");
  if (!facts.is_inside()) {
    text += ", " + parameter(code, "int", "member") + ", " + parameter(code, "int", "members");
  }
  return text + ") {\n" + code + "}\n\n";
}

// "contract + update h/0/weight" is called contract_update, whatever it updates.
std::string function_name(const std::string& title) {
  std::string name;
  std::size_t from = 0;
  while (from < title.size()) {
    const std::size_t end = std::min(title.find(" + ", from), title.size());
    std::string word = title.substr(from, end - from);
    word = word.substr(0, word.find(' '));
    if (name.find(word) == std::string::npos) name += (name.empty() ? "" : " ") + word;
    from = end + 3;
  }
  return identifier(name);
}

}  // namespace

std::string unit_name(const ir::Program& program, const ir::Unit& unit) {
  std::string name = program.kernels[unit.first].name;
  if (unit.stream == nullptr) return name;
  std::string words = "stream";
  for (int i = 0; i < unit.count; ++i) {
    const std::string& next = program.kernels[unit.first + i].name;
    if (words.size() < kLongestName) words += " + " + next;
  }
  return words;
}

std::string heading(const ir::Program& program, const ir::Unit& unit) {
  std::string title = fmt::format("kernel {} of {}: {}", unit.first, program.kernels.size(),
                                  unit_name(program, unit));
  const std::string place = ir::place_of(program, program.kernels[unit.first].source);
  if (!place.empty()) title += "   " + place;
  return "// " + harmless(title) + "\n" + comment(shapes(program, unit), 2, 6) +
         comment(figures(program, unit), 2, 6);
}

std::string kernel_function(const ir::Program& program, const ir::Unit& unit) {
  std::string name = identifier(unit_name(program, unit));
  if (name.back() == '_') name.pop_back();  // behind its number, no word is reserved
  return fmt::format("k{}_{}", unit.first, name);
}

Alone written_form(const ir::Program& program, ir::Kernel kernel) {
  for (ir::Axis& axis : kernel.axes) axis.batched = axis.batched || axis.limited;
  return alone(program, with_better_axes(kernel));
}

KernelWriter::Function KernelWriter::function(const ir::Program& program,
                                              const ir::Kernel& kernel) {
  const std::string name = function_name(kernel.name);
  const Alone one = written_form(program, kernel);
  return {named(function_text(one.program, target_), name), one.buffers, one.streams};
}

std::string KernelWriter::named(const std::string& text, const std::string& name) {
  std::string& known = known_[text];
  if (known.empty()) {
    known = names_.take(name);
    for (const char c : text) functions_ += c == kUnnamed[0] ? known : std::string(1, c);
  }
  return known;
}

KernelWriter::Function KernelWriter::stream(const ir::Program& program, const ir::Unit& unit) {
  const ir::Stream& stream = *unit.stream;
  const ir::Kernel& first = program.kernels[unit.first];
  Function all;
  std::map<int, std::string> pointers;
  Names names;
  for (const char* taken : {"row", "item", "b", "h"}) names.take(taken);
  for (int i = 0; i < unit.count; ++i)
    for (const ir::Value& value : program.kernels[unit.first + i].values)
      if (value.kind == ir::Value::Kind::kRandom &&
          std::find(all.streams.begin(), all.streams.end(), value.stream) == all.streams.end()) {
        names.take(stream_name(static_cast<int>(all.streams.size())));
        all.streams.push_back(value.stream);
      }
  std::string locals, begin;
  const auto pass = [&](const Function& part) {
    std::string text = "(";
    for (const int b : part.buffers) {
      const ir::Buffer& buffer = program.buffers[b];
      std::string& name = pointers[b];
      if (name.empty()) {
        name = names.take(identifier(general_name(buffer)));
        if (buffer.storage == ir::Buffer::Storage::kLocal)
          locals += fmt::format("alignas(64) {} {}[{}];\n", element_type(buffer.element), name,
                                ir::local_elements(program, stream, b));
        else
          all.buffers.push_back(b);
      }
      text += name + ", ";
    }
    for (const int number : part.streams) {
      const auto known = std::find(all.streams.begin(), all.streams.end(), number);
      text += stream_name(static_cast<int>(known - all.streams.begin())) + ", ";
    }
    return text + "batch";
  };

  // The outer axes as digits of the item, the last one first.
  std::string outer, digits, behind, count;
  const std::vector<int>& axes = stream.members.front().outer;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const ir::Axis& axis = first.axes[static_cast<std::size_t>(axes[i])];
    const std::int64_t times = axis.extent / program.max_batch;
    const std::string extent = !axis.batched ? std::to_string(axis.extent)
                               : times == 1  ? "batch"
                                             : fmt::format("(batch * {})", times);
    count += (i > 0 ? " * " : "") + extent;
    outer += ", " + fmt::format("place_{}", i);
  }
  for (std::size_t i = axes.size(); i-- > 0;) {
    const ir::Axis& axis = first.axes[static_cast<std::size_t>(axes[i])];
    const std::string divided = behind.empty() ? "item" : fmt::format("item / ({})", behind);
    digits += fmt::format("const std::int64_t place_{} = {}{};\n", i, divided,
                          i > 0 ? fmt::format(" % {}", axis.extent) : "");
    behind += (behind.empty() ? "" : " * ") + std::to_string(axis.extent);
  }

  const std::int64_t queries = first.axes[stream.members.front().tile].extent;
  const std::int64_t keys = first.axes[stream.members.front().keys].extent;
  const std::int64_t rest = queries % stream.tile;
  const bool limited = stream.causal && queries > stream.tile;
  const auto tile = [&](std::int64_t rows, bool has_limit) {
    std::string calls;
    for (std::size_t i = 0; i < stream.members.size(); ++i) {
      const Function part = function(program, one_tile(program, stream, i, rows, has_limit));
      calls += "kernels::" + part.name + pass(part) + outer + ", row" +
               (has_limit ? ", limit" : "") + ");\n";
    }
    return calls;
  };
  for (std::size_t i = 0; i < stream.members.size(); ++i) {
    if (!stream.members[i].accumulates || queries == stream.tile) continue;
    const Function zeros = function(program, zeros_before(program, stream, i));
    begin += "kernels::" + zeros.name + pass(zeros) + outer + ");\n";
  }
  std::string tiles = fmt::format(
      "for (std::int64_t row = 0; row < {}; row += {}) {{\n{}{}}}\n", queries - rest, stream.tile,
      limited ? fmt::format("const std::int64_t limit = reached(row + {}, {});\n", stream.tile - 1,
                            keys)
              : "",
      tile(stream.tile, limited));
  if (rest > 0)
    tiles +=
        fmt::format("{{\nconst std::int64_t row = {};\n{}}}\n", queries - rest, tile(rest, false));
  std::string parameters;
  for (const int b : all.buffers) {
    bool stored = false;
    for (int k = 0; k < unit.count; ++k)
      ir::each_access(program.kernels[unit.first + k],
                      [&](int buffer, const ir::Affine&, int, bool write) {
                        stored = stored || (write && buffer == b);
                      });
    parameters += fmt::format("{}{}* {}, ", stored ? "" : "const ",
                              element_type(program.buffers[b].element), pointers[b]);
  }
  for (std::size_t i = 0; i < all.streams.size(); ++i)
    parameters += fmt::format("std::uint32_t {}, ", stream_name(static_cast<int>(i)));
  const std::string text = fmt::format(
      "// {} of {} rows at a time, for each place of the outer axes.\n"
      "GRADC_KERNEL void {}({}std::int64_t batch, int member, int members) {{\n"
      "{}const Range part = share({}, member, members);\n"
      "for (std::int64_t item = part.begin; item < part.end; ++item) {{\n{}{}{}}}\n}}\n\n",
      stream.tile, queries, kUnnamed, parameters, locals, count, digits, begin, tiles);
  all.name = named(text, function_name(unit_name(program, unit)));
  return all;
}

namespace {

// What a kernel of a decoder gets as its limit.
std::string limit_of(const ir::Program& program, const ir::Unit& unit) {
  if (program.present < 0) return "";
  for (const ir::Axis& axis : program.kernels[unit.first].axes)
    if (axis.limited)
      return fmt::format(", reached(*at<std::int32_t>(arena, {}), {})",
                         program.buffers[program.present].offset, axis.extent);
  return "";
}

// What leaves a kernel out that is for the first position.
std::string first_only(const ir::Program& program, const ir::Unit& unit) {
  if (!program.kernels[unit.first].first) return "";
  return fmt::format("if (*at<std::int32_t>(arena, {}) != 0) return;\n",
                     program.buffers[program.present].offset);
}

}  // namespace

std::string KernelWriter::write(const ir::Program& program, const ir::Unit& unit) {
  const Function body = unit.stream == nullptr ? function(program, program.kernels[unit.first])
                                               : stream(program, unit);
  std::string arguments;
  for (const int buffer : body.buffers) {
    const ir::Buffer& b = program.buffers[buffer];
    arguments += fmt::format("at<{}>(arena, {}), ", element_type(b.element), b.offset);
  }
  for (const int stream : body.streams) arguments += fmt::format("{}, ", stream);
  return heading(program, unit) +
         fmt::format(
             "void {}(std::byte* arena, std::int64_t batch, int member, int members) {{\n{}"
             "kernels::{}({}batch{}, member, members);\n}}\n\n",
             kernel_function(program, unit), first_only(program, unit), body.name, arguments,
             limit_of(program, unit));
}

}  // namespace gradc::emit
