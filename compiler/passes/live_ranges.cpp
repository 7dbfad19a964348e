#include "passes/live_ranges.h"

#include <algorithm>

namespace gradc::passes {

std::vector<LiveRange> live_ranges(const ir::Program& program) {
  std::vector<LiveRange> ranges(program.buffers.size());
  for (std::size_t k = 0; k < program.kernels.size(); ++k) {
    const auto touch = [&](int buffer) {
      if (buffer < 0) return;
      LiveRange& range = ranges[buffer];
      if (range.empty()) range.first = static_cast<int>(k);
      range.last = static_cast<int>(k);
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
  // What is not a temporary outlives the program.
  for (std::size_t i = 0; i < ranges.size(); ++i)
    if (program.buffers[i].storage != ir::Buffer::Storage::kTemporary)
      ranges[i] = {-1, static_cast<int>(program.kernels.size())};
  return ranges;
}

}  // namespace gradc::passes
