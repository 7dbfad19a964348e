#include "passes/plan_memory.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "passes/live_ranges.h"
#include "support/check.h"

namespace gradc::passes {
namespace {

using ir::Buffer;
using ir::Program;

constexpr std::int64_t kAlignment = 64;
constexpr std::int64_t kSlack = 64;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<Program*> training_programs(ir::Module& module) {
  return {&module.train, &module.evaluate, &module.predict};
}
std::vector<Program*> check_programs(ir::Module& module) {
  return {&module.loss_only, &module.gradient};
}

// Gives each buffer of a storage class its place by name, the same in all programs, from `end` on.
void place_by_name(const std::vector<Program*>& programs, Buffer::Storage storage,
                   std::map<std::string, std::int64_t>& places, std::int64_t& end) {
  for (Program* program : programs) {
    for (Buffer& buffer : program->buffers) {
      if (buffer.storage != storage) continue;
      const auto [at, is_new] = places.emplace(buffer.name, end);
      if (is_new) end += aligned(buffer.bytes());
      buffer.offset = at->second;
    }
  }
}

// Where a buffer fits among those placed already: the smallest gap between the ones alive with it
// that is large enough, or behind them all.
std::int64_t best_gap(const Program& program, const std::vector<LiveRange>& ranges,
                      const std::vector<int>& placed, int buffer, std::int64_t start) {
  std::vector<std::pair<std::int64_t, std::int64_t>> taken;  // begin, end
  for (const int other : placed)
    if (ranges[other].meets(ranges[buffer]))
      taken.emplace_back(program.buffers[other].offset,
                         program.buffers[other].offset + aligned(program.buffers[other].bytes()));
  std::sort(taken.begin(), taken.end());
  const std::int64_t size = aligned(program.buffers[buffer].bytes());
  std::int64_t at = start, best = -1, best_size = 0;
  for (const auto& [begin, end] : taken) {
    const std::int64_t gap = begin - at;
    if (gap >= size && (best < 0 || gap < best_size)) {
      best = at;
      best_size = gap;
    }
    at = std::max(at, end);
  }
  return best >= 0 ? best : at;
}

// Packs the temporaries of a program, the largest first. Gives the end of the last one.
std::int64_t place_temporaries(Program& program, std::int64_t start) {
  const std::vector<LiveRange> ranges = live_ranges(program);
  std::vector<int> order;
  for (std::size_t i = 0; i < program.buffers.size(); ++i)
    if (program.buffers[i].storage == Buffer::Storage::kTemporary)
      order.push_back(static_cast<int>(i));
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return program.buffers[a].bytes() > program.buffers[b].bytes();
  });
  std::vector<int> placed;
  std::int64_t end = start;
  for (const int i : order) {
    Buffer& buffer = program.buffers[i];
    buffer.offset = best_gap(program, ranges, placed, i, start);
    placed.push_back(i);
    end = std::max(end, buffer.offset + aligned(buffer.bytes()));
  }
  return end;
}

void plan_one(ir::Module& module) {
  const std::vector<Program*> training = training_programs(module);
  const std::vector<Program*> checks = check_programs(module);
  std::vector<Program*> all = training;
  all.insert(all.end(), checks.begin(), checks.end());

  std::map<std::string, std::int64_t> leaves, outputs;
  std::int64_t start = 0;
  place_by_name(all, Buffer::Storage::kLeaf, leaves, start);
  place_by_name(training, Buffer::Storage::kOutput, outputs, start);

  std::int64_t end = start;
  for (Program* program : training) end = std::max(end, place_temporaries(*program, start));
  module.arena_bytes = end + kSlack;
  for (Program* program : checks) end = std::max(end, place_temporaries(*program, start));
  place_by_name(checks, Buffer::Storage::kOutput, outputs, end);
  module.check_arena_bytes = end + kSlack;
}

void verify_program(const Program& program, std::int64_t arena_bytes) {
  const std::vector<LiveRange> ranges = live_ranges(program);
  const auto& buffers = program.buffers;
  std::vector<int> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return buffers[a].offset < buffers[b].offset; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Buffer& buffer = buffers[order[i]];
    if (buffer.storage == Buffer::Storage::kLocal) continue;
    CHECK(buffer.offset >= 0 && buffer.offset % kAlignment == 0,
          program.name + ": " + buffer.name + " has no place");
    const std::int64_t end = buffer.offset + buffer.bytes();
    CHECK(end + kSlack <= arena_bytes, program.name + ": " + buffer.name + " leaves the arena");
    for (std::size_t j = i + 1; j < order.size() && buffers[order[j]].offset < end; ++j)
      CHECK(!ranges[order[i]].meets(ranges[order[j]]),
            program.name + ": " + buffer.name + " and " + buffers[order[j]].name + " overlap");
  }
}

}  // namespace

void plan_memory(ir::Module& module) {
  plan_one(module);
  for (ir::Module& twin : module.reference) plan_memory(twin);
  for (ir::Module& decoder : module.decoder) plan_memory(decoder);
  verify_memory(module);
}

void verify_memory(const ir::Module& module) {
  for (const Program* program : {&module.train, &module.evaluate, &module.predict})
    verify_program(*program, module.arena_bytes);
  for (const Program* program : {&module.loss_only, &module.gradient})
    verify_program(*program, module.check_arena_bytes);
  for (const ir::Module& twin : module.reference) verify_memory(twin);
  for (const ir::Module& decoder : module.decoder) verify_memory(decoder);
}

}  // namespace gradc::passes
