#include <algorithm>
#include <cstdio>

#include "ir/access.h"
#include "ir/print_program.h"
#include "passes/live_ranges.h"
#include "passes/plan_memory.h"

namespace gradc::passes {
namespace {

using ir::Buffer;
using ir::Program;

const char* name_of(Buffer::Storage storage) {
  switch (storage) {
    case Buffer::Storage::kLeaf:
      return "leaf";
    case Buffer::Storage::kOutput:
      return "output";
    case Buffer::Storage::kTemporary:
      return "temporary";
    case Buffer::Storage::kLocal:
      return "local";
  }
  return "";
}

const char* plural_of(Buffer::Storage storage) {
  switch (storage) {
    case Buffer::Storage::kLeaf:
      return "leaves";
    case Buffer::Storage::kOutput:
      return "outputs";
    case Buffer::Storage::kTemporary:
      return "temporaries";
    case Buffer::Storage::kLocal:
      return "locals of a thread";
  }
  return "";
}

std::string padded(const std::string& text, int width) {
  const auto blanks =
      static_cast<std::size_t>(std::max(0, std::abs(width) - static_cast<int>(text.size())));
  return width < 0 ? text + std::string(blanks, ' ') : std::string(blanks, ' ') + text;
}

std::int64_t local_bytes(const Program& program, int buffer) {
  const std::int64_t width = bytes_of(program.buffers[buffer].element);
  for (const ir::Stream& stream : program.streams)
    if (const std::int64_t elements = ir::local_elements(program, stream, buffer); elements > 0)
      return width * elements;
  return 0;
}

std::string table(const char* entry, const Program& program) {
  const std::vector<LiveRange> ranges = live_ranges(program);
  std::string text =
      std::string(entry) + ": " + std::to_string(program.kernels.size()) + " kernels\n";
  text += "  " + padded("buffer", -28) + padded("kind", -11) + padded("bytes", 12) +
          padded("offset", 12) + "  kernels\n";
  std::vector<int> order(program.buffers.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return program.buffers[a].offset < program.buffers[b].offset;
  });
  std::int64_t totals[4] = {};
  for (const int i : order) {
    const Buffer& buffer = program.buffers[i];
    const bool local = buffer.storage == Buffer::Storage::kLocal;
    const std::int64_t bytes = local ? local_bytes(program, i) : buffer.bytes();
    totals[static_cast<int>(buffer.storage)] += bytes;
    const std::string life = local                                           ? "its stream"
                             : buffer.storage != Buffer::Storage::kTemporary ? "all"
                             : ranges[i].empty()                             ? "none"
                                                 : std::to_string(ranges[i].first) + " to " +
                                                       std::to_string(ranges[i].last);
    text += "  " + padded(buffer.name, -28) + padded(name_of(buffer.storage), -11) +
            padded(ir::grouped(bytes), 12) +
            padded(local ? "stack" : ir::grouped(buffer.offset), 12) + "  " + life + "\n";
  }
  for (const Buffer::Storage storage : {Buffer::Storage::kLeaf, Buffer::Storage::kOutput,
                                        Buffer::Storage::kTemporary, Buffer::Storage::kLocal})
    if (storage != Buffer::Storage::kLocal || !program.streams.empty())
      text += "  " + padded(std::string("all ") + plural_of(storage), -39) +
              padded(ir::grouped(totals[static_cast<int>(storage)]), 12) + "\n";
  const auto [kernel, bytes] = peak_of(program, ranges);
  if (kernel >= 0 && bytes > 0) {
    text += "  most temporaries at once: " + ir::grouped(bytes) + " bytes in kernel " +
            std::to_string(kernel) + " (" + program.kernels[kernel].name + ", " +
            ir::place_of(program, program.kernels[kernel].source) + "):\n";
    for (std::size_t b = 0; b < ranges.size(); ++b)
      if (program.buffers[b].storage == Buffer::Storage::kTemporary &&
          ranges[b].meets({kernel, kernel}))
        text += "    " + program.buffers[b].name + ", " + ir::grouped(program.buffers[b].bytes()) +
                " bytes, made at " +
                ir::place_of(program, program.kernels[ranges[b].first].source) + "\n";
  }
  return text;
}

}  // namespace

std::string print_memory(const ir::Module& module) {
  std::string text = "arena: " + ir::grouped(module.arena_bytes) + " bytes to train and run, " +
                     ir::grouped(module.check_arena_bytes) + " to check gradients\n";
  const std::pair<const char*, const Program*> entries[] = {{"train", &module.train},
                                                            {"evaluate", &module.evaluate},
                                                            {"predict", &module.predict},
                                                            {"loss_only", &module.loss_only},
                                                            {"gradient", &module.gradient}};
  for (const auto& [name, program] : entries)
    if (!program->kernels.empty()) text += "\n" + table(name, *program);
  for (const ir::Module& decoder : module.decoder)
    text += "\ndecoder: " + ir::grouped(decoder.arena_bytes) +
            " bytes, its parameters included\n\n" + table("one position", decoder.train);
  return text;
}

}  // namespace gradc::passes
