// access: what the kernels of a program read and write.
#pragma once

#include "ir/program.h"

namespace gradc::ir {

// f(buffer, index, row, is_write) for everything a kernel reads and writes.
template <class F>
void each_access(const Kernel& kernel, F f) {
  if (kernel.contracts) {
    f(kernel.contraction.left_buffer, kernel.contraction.left, -1, false);
    f(kernel.contraction.right_buffer, kernel.contraction.right, -1, false);
  }
  for (const Value& value : kernel.values)
    if (value.kind == Value::Kind::kLoad) f(value.buffer, value.index, value.row, false);
  for (const Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const Store& store : *stores) f(store.buffer, store.index, store.row, true);
}

// How many elements of a local buffer a stream keeps.
std::int64_t local_elements(const Program& program, const Stream& stream, int buffer);

}  // namespace gradc::ir
