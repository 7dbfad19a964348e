#include "emit/streamed.h"

#include <algorithm>

namespace gradc::emit {
namespace {

using ir::Affine;
using ir::Kernel;

void drop(Affine& index, const std::vector<int>& axes) {
  std::erase_if(index.terms, [&](const Affine::Term& term) {
    return std::find(axes.begin(), axes.end(), term.axis) != axes.end();
  });
}

void drop(std::vector<int>& list, const std::vector<int>& axes) {
  std::erase_if(list,
                [&](int axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); });
}

const Kernel& kernel_of(const ir::Program& program, const ir::Stream& stream, std::size_t index) {
  return program.kernels[static_cast<std::size_t>(stream.first) + index];
}

}  // namespace

ir::Kernel one_tile(const ir::Program& program, const ir::Stream& stream, std::size_t index,
                    std::int64_t rows, bool limited) {
  Kernel kernel = kernel_of(program, stream, index);
  const ir::Stream::Member& member = stream.members[index];
  const int row = static_cast<int>(kernel.axes.size());
  kernel.axes.push_back({.extent = kernel.axes[member.tile].extent});
  kernel.axes[member.tile].extent = rows;
  kernel.axes[member.tile].name.clear();
  kernel.axes[member.keys].limited = limited;

  const auto place = [&](Affine& at, int buffer) {
    if (buffer >= 0 && program.buffers[buffer].storage == ir::Buffer::Storage::kLocal)
      drop(at, member.outer);
    else
      at.add(row, at.coefficient(member.tile));
  };
  for (ir::Value& value : kernel.values) place(value.index, value.buffer);
  for (ir::Stage& stage : kernel.stages)
    for (auto* stores : {&stage.stores, &stage.row_stores})
      for (ir::Store& store : *stores) place(store.index, store.buffer);
  if (kernel.contracts) {
    ir::Contraction& c = kernel.contraction;
    place(c.left, c.left_buffer);
    place(c.right, c.right_buffer);
    drop(c.batch, member.outer);
    c.adds = member.accumulates && kernel.axes[row].extent > stream.tile;
  }
  drop(kernel.rows, member.outer);
  kernel.fixed = member.outer;
  kernel.fixed.push_back(row);
  return kernel;
}

ir::Kernel zeros_before(const ir::Program& program, const ir::Stream& stream, std::size_t index) {
  const Kernel& sum = kernel_of(program, stream, index);
  Kernel zeros{.name = "zeros", .source = sum.source, .axes = sum.axes, .rows = sum.rows};
  const ir::Stream::Member& member = stream.members[index];
  drop(zeros.rows, member.outer);
  zeros.fixed = member.outer;
  zeros.lanes = sum.lanes;
  zeros.values.push_back({.element = program.real});
  ir::Store store = sum.stages.front().stores.front();
  store.value = 0;
  zeros.stages.push_back({.stores = {std::move(store)}});
  return zeros;
}

}  // namespace gradc::emit
