#include "passes/memory_limit.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "ir/diagnose.h"
#include "ir/print_program.h"
#include "passes/live_ranges.h"

namespace gradc::passes {
namespace {

using ir::Buffer;
using ir::Program;
using support::Place;

constexpr std::size_t kLines = 8;  // that are named

// Of the programs that share the arena, the one that needs most of it.
const Program& largest(const ir::Module& module) {
  const auto end_of = [](const Program* program) {
    std::int64_t end = 0;
    for (const Buffer& buffer : program->buffers)
      end = std::max(end, buffer.offset + buffer.bytes());
    return end;
  };
  const Program* most = &module.train;
  for (const Program* program : {&module.evaluate, &module.predict})
    if (end_of(program) > end_of(most)) most = program;
  return *most;
}

const char* plural_of(Role role) {
  switch (role) {
    case Role::kParameter:
      return "parameters";
    case Role::kState:
      return "states";
    case Role::kInput:
      return "inputs";
    case Role::kSetting:
      return "settings";
  }
  return "";
}

// What the buffers that a line of the model asked for hold, by kind.
class Line {
 public:
  void add(const char* kind, std::int64_t bytes) {
    total_ += bytes;
    for (auto& [name, sum] : kinds_)
      if (name == kind) {
        sum += bytes;
        return;
      }
    kinds_.emplace_back(kind, bytes);
  }
  std::int64_t total() const { return total_; }
  std::string text() const {
    auto kinds = kinds_;
    std::ranges::stable_sort(kinds, std::greater(), [](const auto& kind) { return kind.second; });
    std::string text;
    for (const auto& [name, sum] : kinds)
      text += (text.empty() ? "" : ", ") + ir::grouped(sum) + " bytes of " + name;
    return text;
  }

 private:
  std::int64_t total_ = 0;
  std::vector<std::pair<std::string, std::int64_t>> kinds_;
};

// The file that says what the model gives, whatever it includes.
std::string model_file(const Graph& graph) {
  return graph.outputs.empty() ? "" : ir::place_of(graph, graph.outputs.front().location).file;
}

}  // namespace

void limit_memory(const ir::Module& module, std::int64_t most, support::Diagnostics& diagnostics) {
  if (module.arena_bytes <= most) return;
  const Graph& graph = module.declared;
  const Program& program = largest(module);
  const std::vector<LiveRange> ranges = live_ranges(program);
  const int peak = peak_of(program, ranges).kernel;
  std::map<Place, Line> lines;
  for (std::size_t b = 0; b < program.buffers.size(); ++b) {
    const Buffer& buffer = program.buffers[b];
    if (!ranges[b].meets({peak, peak})) continue;
    Location location;
    const char* kind = "temporaries";
    if (buffer.storage == Buffer::Storage::kLeaf) {
      const Leaf& leaf = graph.leaves[buffer.leaf];
      kind = plural_of(leaf.role);
      location = graph.nodes[leaf.node].location;
    } else if (buffer.storage == Buffer::Storage::kOutput) {
      kind = "outputs";
      for (const Output& output : graph.outputs)
        if (output.name == std::string_view(buffer.name)) location = output.location;
    } else {
      location = program.kernels[ranges[b].first].source;
    }
    lines[ir::place_of(graph, location)].add(kind, buffer.bytes());
  }
  std::vector<std::pair<Place, Line>> order(lines.begin(), lines.end());
  std::ranges::stable_sort(order, std::greater(),
                           [](const auto& line) { return line.second.total(); });
  std::vector<support::Remark> notes;
  std::int64_t others = 0;
  for (std::size_t i = 0; i < order.size(); ++i)
    if (i < kLines)
      notes.push_back({"at the peak this line holds " + order[i].second.text(), order[i].first});
    else
      others += order[i].second.total();
  const Place file{model_file(graph)};
  if (others > 0) notes.push_back({"other lines hold " + ir::grouped(others) + " bytes", file});
  diagnostics.error(file,
                    "model \"" + graph.name.str() + "\" takes " + ir::grouped(module.arena_bytes) +
                        " bytes to train and run, more than the " + ir::grouped(most) +
                        " that --max-memory allows",
                    std::move(notes));
}

}  // namespace gradc::passes
