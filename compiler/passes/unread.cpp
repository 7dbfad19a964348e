#include "passes/unread.h"

#include <algorithm>
#include <vector>

namespace gradc::passes {
namespace {

using ir::Kernel;
using ir::Store;
using ir::Value;

// The values that the stores of a kernel that `counts` accepts depend on.
template <class Counts>
std::vector<bool> used_values(const Kernel& kernel, Counts counts) {
  std::vector<bool> used(kernel.values.size(), false);
  for (const ir::Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const Store& store : *stores) {
        if (!counts(store)) continue;
        used[store.value] = true;
        if (store.row >= 0) used[store.row] = true;
      }
  for (int v = static_cast<int>(kernel.values.size()) - 1; v >= 0; --v) {
    if (!used[v]) continue;
    const Value& value = kernel.values[v];
    for (const int operand : value.operands) used[operand] = true;
    if (value.row >= 0) used[value.row] = true;
    for (const ir::Stage& stage : kernel.stages)
      for (const ir::Reduction& reduction : stage.reductions)
        if (reduction.result == v) used[reduction.value] = true;
  }
  return used;
}

template <class Is>
void erase_stores(Kernel& kernel, Is is) {
  for (ir::Stage& stage : kernel.stages)
    for (auto* stores : {&stage.stores, &stage.row_stores}) std::erase_if(*stores, is);
}

// f(buffer) for each that a kernel names.
template <class F>
void each_buffer(Kernel& kernel, F f) {
  for (Value& value : kernel.values)
    if (value.kind == Value::Kind::kLoad) f(value.buffer);
  if (kernel.contracts) {
    f(kernel.contraction.left_buffer);
    f(kernel.contraction.right_buffer);
  }
  for (ir::Stage& stage : kernel.stages)
    for (auto* stores : {&stage.stores, &stage.row_stores})
      for (Store& store : *stores) f(store.buffer);
}

// Buffers that outlive the run, and those that what is stored in kept ones is made of.
std::vector<bool> kept_buffers(const ir::Program& program) {
  std::vector<bool> kept(program.buffers.size(), false);
  for (std::size_t b = 0; b < kept.size(); ++b)
    kept[b] = program.buffers[b].storage != ir::Buffer::Storage::kTemporary;
  for (bool grew = true; grew;) {
    grew = false;
    const auto keep = [&](int buffer) {
      grew = grew || !kept[buffer];
      kept[buffer] = true;
    };
    for (const Kernel& kernel : program.kernels) {
      bool stores = false;
      const std::vector<bool> used = used_values(kernel, [&](const Store& store) {
        stores = stores || kept[store.buffer];
        return kept[store.buffer];
      });
      for (std::size_t v = 0; v < used.size(); ++v)
        if (used[v] && kernel.values[v].kind == Value::Kind::kLoad) keep(kernel.values[v].buffer);
      if (!stores || !kernel.contracts) continue;
      keep(kernel.contraction.left_buffer);
      keep(kernel.contraction.right_buffer);
    }
  }
  return kept;
}

}  // namespace

void drop_unread(Kernel& kernel) {
  const std::vector<bool> used = used_values(kernel, [](const Store&) { return true; });
  for (ir::Stage& stage : kernel.stages)
    std::erase_if(stage.reductions, [&](const ir::Reduction& r) { return !used[r.result]; });
  std::erase_if(kernel.stages, [](const ir::Stage& stage) {
    return stage.stores.empty() && stage.row_stores.empty() && stage.reductions.empty();
  });
  for (std::size_t v = 0; v < used.size(); ++v)
    if (!used[v] && !(kernel.contracts && kernel.contraction.result == static_cast<int>(v)))
      kernel.values[v] = {.element = kernel.values[v].element};
}

void drop_unread(ir::Program& program) {
  const std::vector<bool> kept = kept_buffers(program);
  for (Kernel& kernel : program.kernels) {
    erase_stores(kernel, [&](const Store& store) { return !kept[store.buffer]; });
    drop_unread(kernel);
  }
  std::erase_if(program.kernels, [](const Kernel& kernel) { return kernel.stages.empty(); });
  std::vector<int> renamed(kept.size(), -1);
  std::vector<ir::Buffer> buffers;
  for (std::size_t b = 0; b < kept.size(); ++b) {
    if (!kept[b]) continue;
    renamed[b] = static_cast<int>(buffers.size());
    buffers.push_back(std::move(program.buffers[b]));
  }
  program.buffers = std::move(buffers);
  for (Kernel& kernel : program.kernels)
    each_buffer(kernel, [&](int& buffer) { buffer = renamed[buffer]; });
}

}  // namespace gradc::passes
