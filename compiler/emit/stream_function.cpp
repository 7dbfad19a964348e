// The member of KernelWriter that writes the function of a stream.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emit/facts.h"
#include "emit/function_text.h"
#include "emit/kernel.h"
#include "emit/streamed.h"
#include "ir/access.h"

namespace gradc::emit {
namespace {

// Whether a kernel of the unit stores to a buffer.
bool stores_to(const ir::Program& program, const ir::Unit& unit, int wanted) {
  bool stored = false;
  for (int i = 0; i < unit.count; ++i)
    ir::each_access(program.kernels[unit.first + i],
                    [&](int buffer, const ir::Affine&, int, bool write) {
                      stored = stored || (write && buffer == wanted);
                    });
  return stored;
}

// The random streams that the unit draws from.
std::vector<int> streams_of(const ir::Program& program, const ir::Unit& unit) {
  std::vector<int> streams;
  for (int i = 0; i < unit.count; ++i)
    for (const ir::Value& value : program.kernels[unit.first + i].values)
      if (value.kind == ir::Value::Kind::kRandom &&
          std::find(streams.begin(), streams.end(), value.stream) == streams.end())
        streams.push_back(value.stream);
  return streams;
}

}  // namespace

KernelWriter::Use KernelWriter::stream(const ir::Program& program, const ir::Unit& unit) {
  const ir::Stream& stream = *unit.stream;
  const ir::Kernel& first = program.kernels[unit.first];
  Use all;
  all.streams = streams_of(program, unit);
  std::map<int, std::string> pointers;
  std::set<std::size_t> inner;
  Names names;
  for (const char* taken : {"row", "item", "b", "h"}) names.take(taken);
  for (std::size_t i = 0; i < all.streams.size(); ++i) names.take(stream_name(static_cast<int>(i)));
  std::string locals, begin;
  // The call of a function, without the places that it is for.
  const auto pass = [&](const Use& part) {
    inner.insert(part.function);
    std::string text = space_ + "::" + functions_[part.function].name + "(";
    for (const int b : part.buffers) {
      const ir::Buffer& buffer = program.buffers[b];
      std::string& name = pointers[b];
      if (name.empty()) {
        name = names.take(identifier(general_name(buffer)));
        if (buffer.storage == ir::Buffer::Storage::kLocal) {
          locals += fmt::format("alignas(64) {} {}[{}];\n", element_type(buffer.element), name,
                                ir::local_elements(program, stream, b));
        } else {
          all.buffers.push_back(b);
          all.names.push_back(name);
        }
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
      const Use part = function(program, one_tile(program, stream, i, rows, has_limit));
      calls += pass(part) + outer + ", row" + (has_limit ? ", limit" : "") + ");\n";
    }
    return calls;
  };
  for (std::size_t i = 0; i < stream.members.size(); ++i) {
    if (!stream.members[i].accumulates || queries == stream.tile) continue;
    begin += pass(function(program, zeros_before(program, stream, i))) + outer + ");\n";
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
  std::string operands;
  std::size_t index = 0;
  for (std::size_t i = 0; i < all.buffers.size(); ++i, ++index)
    operands += pointer_operand(index, program.buffers[all.buffers[i]],
                                stores_to(program, unit, all.buffers[i]), all.names[i]);
  for (std::size_t i = 0; i < all.streams.size(); ++i, ++index)
    operands += stream_operand(index, stream_name(static_cast<int>(i)));
  const std::string code = fmt::format(
      "{}{}const Range part = share({}, member, members);\n"
      "for (std::int64_t item = part.begin; item < part.end; ++item) {{\n{}{}{}}}\n",
      operands, locals, count, digits, begin, tiles);
  const std::string text =
      fmt::format("// {} of {} rows at a time, for each place of the outer axes.\n{}", stream.tile,
                  queries, called_function(first, index, code));
  all.function = named(std::vector<std::string>(targets_.size(), text),
                       function_name(unit_name(program, unit)));
  functions_[all.function].calls.assign(inner.begin(), inner.end());
  return all;
}

}  // namespace gradc::emit
