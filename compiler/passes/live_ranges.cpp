#include "passes/live_ranges.h"

#include <algorithm>

namespace gradc::passes {

std::vector<LiveRange> live_ranges(const ir::Program& program) {
  std::vector<LiveRange> ranges(program.buffers.size());
  std::vector<ir::Unit> unit_of(program.kernels.size());
  for (const ir::Unit& unit : ir::units_of(program))
    for (int i = 0; i < unit.count; ++i) unit_of[unit.first + i] = unit;
  for (std::size_t k = 0; k < program.kernels.size(); ++k) {
    // The tiles of a stream go round its kernels again and again.
    const auto touch = [&](int buffer) {
      if (buffer < 0) return;
      LiveRange& range = ranges[buffer];
      if (range.empty()) range.first = unit_of[k].first;
      range.last = unit_of[k].first + unit_of[k].count - 1;
    };
    const ir::Kernel& kernel = program.kernels[k];
    for (const ir::Value& value : kernel.values) touch(value.buffer);
    for (const ir::Stage& stage : kernel.stages)
      for (const auto* stores : {&stage.stores, &stage.row_stores})
        for (const ir::Store& store : *stores) touch(store.buffer);
    if (kernel.contracts) {
      touch(kernel.contraction.left_buffer);
      touch(kernel.contraction.right_buffer);
    }
  }
  // Leaves, outputs and what lasts outlive the program; what is local has no place.
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const ir::Buffer::Storage storage = program.buffers[i].storage;
    if (storage == ir::Buffer::Storage::kLocal) ranges[i] = {};
    if (storage == ir::Buffer::Storage::kLeaf || storage == ir::Buffer::Storage::kOutput ||
        program.buffers[i].lasting)
      ranges[i] = {-1, static_cast<int>(program.kernels.size())};
  }
  return ranges;
}

Peak peak_of(const ir::Program& program, const std::vector<LiveRange>& ranges) {
  Peak most;
  for (int k = 0; k < static_cast<int>(program.kernels.size()); ++k) {
    std::int64_t bytes = 0;
    for (std::size_t b = 0; b < ranges.size(); ++b)
      if (program.buffers[b].storage == ir::Buffer::Storage::kTemporary && ranges[b].meets({k, k}))
        bytes += program.buffers[b].bytes();
    if (bytes > most.bytes) most = {k, bytes};
  }
  return most;
}

}  // namespace gradc::passes
