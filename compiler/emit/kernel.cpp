#include "emit/kernel.h"

#include <fmt/format.h>

#include <utility>

#include "emit/axes.h"
#include "emit/function_text.h"
#include "emit/layout.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

// Every buffer with its shape, under the name that the function has for it.
std::string shapes(const ir::Program& program, const std::vector<int>& buffers,
                   const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const ir::Buffer& buffer = program.buffers[static_cast<std::size_t>(buffers[i])];
    text += (text.empty() ? "" : ", ") + names[i];
    if (!buffer.shape.empty()) text += " " + to_text(buffer.shape).str();
  }
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

constexpr std::size_t kLongestName = 40;  // of what a stream is called, about

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

Alone written_form(const ir::Program& program, ir::Kernel kernel) {
  for (ir::Axis& axis : kernel.axes) axis.batched = axis.batched || axis.limited;
  return alone(program, with_better_axes(kernel));
}

KernelWriter::Use KernelWriter::function(const ir::Program& program, const ir::Kernel& kernel) {
  const std::string name = function_name(kernel.name);
  const Alone one = written_form(program, kernel);
  std::vector<std::string> texts, names;
  for (const Target target : targets_)
    texts.push_back(function_text(one, kernel.name, target, tuning_));
  for (const ir::Buffer& buffer : one.program.buffers) names.push_back(buffer.name);
  return {named(texts, name), one.buffers, one.streams, std::move(names)};
}

std::size_t KernelWriter::named(const std::vector<std::string>& texts, const std::string& name) {
  const auto [known, is_new] = known_.emplace(texts, functions_.size());
  if (is_new) {
    Function& function = functions_.emplace_back();
    function.name = names_.take(name);
    for (const std::string& text : texts) {
      std::string& own = function.texts.emplace_back();
      for (const char c : text) own += c == kUnnamed[0] ? function.name : std::string(1, c);
    }
  }
  return known->second;
}

Call KernelWriter::write(const ir::Program& program, const ir::Unit& unit,
                         const std::string& entry) {
  const ir::Kernel& kernel = program.kernels[unit.first];
  const Use use = unit.stream == nullptr ? function(program, kernel) : stream(program, unit);
  Function& function = functions_[use.function];
  if (!function.called)
    function.comment =
        comment(shapes(program, use.buffers, use.names), 0, 4) +
        comment(fmt::format("kernel {} of {}, {}", unit.first, entry, figures(program, unit)));
  function.called = true;
  Call call{use.function, {}, {}};
  const auto add_buffer = [&](int index) {
    const ir::Buffer& buffer = program.buffers[static_cast<std::size_t>(index)];
    call.operands.push_back(buffer.offset);
    call.names.push_back(buffer.name);
  };
  for (const int buffer : use.buffers) add_buffer(buffer);
  for (const int number : use.streams) {
    call.operands.push_back(number);
    call.names.push_back(fmt::format("random stream {}", number));
  }
  if (asks_position(kernel)) add_buffer(program.present);
  return call;
}

}  // namespace gradc::emit
