#include "passes/layout.h"

#include <gradc/dsl.h>

#include <algorithm>

#include "passes/expression.h"

namespace gradc::passes {

void lay_out(ir::Buffer& buffer, Padding padding) {
  const std::int64_t lanes = ir::lanes_of(buffer.element);
  if (padding == Padding::kNone) {
    buffer.strides = dense_strides(buffer.shape);
    buffer.elements = (elements_of(buffer.shape) + lanes - 1) / lanes * lanes;
    return;
  }
  buffer.strides.assign(buffer.shape.size(), 0);
  std::int64_t stride = 1;
  for (int axis = buffer.shape.size() - 1; axis >= 0; --axis) {
    const std::int64_t extent = buffer.shape[axis].size;
    if (extent == 1) continue;
    buffer.strides[axis] = stride;
    stride *= stride == 1 ? (extent + lanes - 1) / lanes * lanes : extent;
  }
  buffer.elements = stride;
}

namespace {

// Whether a scatter adds to the same place for different positions of an axis: their order counts.
bool adds_up_along(const ir::Kernel& kernel, int axis) {
  for (const ir::Stage& stage : kernel.stages)
    if (std::find(stage.inner.begin(), stage.inner.end(), axis) != stage.inner.end())
      for (const ir::Store& store : stage.stores)
        if (store.accumulate && store.index.coefficient(axis) == 0) return true;
  return false;
}

}  // namespace

// A contiguous access by whole vectors is worth one, an access that does not move nothing, a
// strided one costs about as much as it has lanes; results weigh as much as operands.
int choose_lanes(const ir::Kernel& kernel) {
  constexpr int kContiguous = 4, kStrided = -6;
  int best = -1, best_score = 0;
  for (std::size_t a = 0; a < kernel.axes.size(); ++a) {
    const int axis = static_cast<int>(a);
    int score = 0;
    const auto count = [&](const ir::Affine& index) {
      const std::int64_t coefficient = index.coefficient(axis);
      if (coefficient != 0) score += coefficient == 1 ? kContiguous : kStrided;
    };
    for (const ir::Value& value : kernel.values)
      if (value.kind == ir::Value::Kind::kLoad) count(value.index);
    for (const ir::Stage& stage : kernel.stages) {
      for (const ir::Store& store : stage.stores) count(store.index);
      for (const ir::Store& store : stage.row_stores) count(store.index);
    }
    if (kernel.axes[a].extent < 4) score /= 2;
    if (adds_up_along(kernel, axis)) continue;
    if (score > best_score ||
        (score == best_score && best >= 0 && kernel.axes[a].extent > kernel.axes[best].extent)) {
      best = axis;
      best_score = score;
    }
  }
  return best;
}

}  // namespace gradc::passes
