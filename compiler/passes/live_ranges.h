// live_ranges: from which kernel to which a program needs each of its buffers.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <vector>

namespace gradc::passes {

struct LiveRange {
  int first = 0, last = -1;  // kernels; empty for a buffer that none touches
  bool empty() const { return last < first; }
  bool meets(const LiveRange& other) const {
    return !empty() && !other.empty() && first <= other.last && other.first <= last;
  }
};

// For each buffer of the program.
std::vector<LiveRange> live_ranges(const ir::Program& program);

// The kernel during which most bytes of temporaries are alive, and how many; -1 without kernels.
struct Peak {
  int kernel = -1;
  std::int64_t bytes = -1;
};
Peak peak_of(const ir::Program& program, const std::vector<LiveRange>& ranges);

}  // namespace gradc::passes
