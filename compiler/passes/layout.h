// layout: where the elements of a tensor lie.
//
//   f32 [batch=32, 27]   strides [32, 1], 1024 elements: rows of 27 padded to 32, two vectors
//   f32 [100, 1]         strides [1, 0]: axes of extent 1 do not count, so 112 elements
//
// Row-major in the given order; rows are padded to whole vectors of 64 bytes, and long rows of
// temporaries to an odd number of them: caches keep lines that are a power of two apart in the same
// few places. Scalars take one element. Without rows, elements lie as in a file, and only the whole
// is rounded up.
#pragma once

#include "ir/program.h"
#include "passes/memory_order.h"

namespace gradc::passes {

void lay_out(ir::Buffer& buffer, const MemoryOrder& order = {});

// Axis to put into the lanes of a kernel's vectors: the one along which most of its memory is
// contiguous. -1 if scalars do as well.
int choose_lanes(const ir::Kernel& kernel);

}  // namespace gradc::passes
