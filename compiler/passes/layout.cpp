#include "passes/layout.h"

#include <gradc/dsl.h>

#include <algorithm>

#include "ir/cost_model.h"
#include "passes/expression.h"

namespace gradc::passes {

void lay_out(ir::Buffer& buffer, const MemoryOrder& order) {
  const auto padded = [&](std::int64_t elements) {
    const std::int64_t lanes = ir::lanes_of(buffer.element);
    return (elements + lanes - 1) / lanes * lanes;
  };
  const auto padded_row = [&](std::int64_t elements) {
    const std::int64_t lanes = ir::lanes_of(buffer.element), vectors = padded(elements) / lanes;
    const bool even = buffer.storage == ir::Buffer::Storage::kTemporary &&
                      vectors >= ir::kLongRow && vectors % 2 == 0;
    return (vectors + (even ? 1 : 0)) * lanes;
  };
  buffer.strides.assign(buffer.shape.size(), 0);
  std::int64_t stride = 1;
  int in_row = order.row;  // axes still to come of the row
  for (int i = buffer.shape.size() - 1; i >= 0; --i, --in_row) {
    const int axis = order.axes.empty() ? i : order.axes[static_cast<std::size_t>(i)];
    const std::int64_t extent = buffer.shape[axis].size;
    if (extent > 1) {
      buffer.strides[axis] = stride;
      stride *= extent;
    }
    if (in_row == 1 && stride == 1) ++in_row;  // axes of one place do not make a row
    if (in_row == 1) stride = padded_row(stride);
  }
  buffer.elements = order.row == 0 ? padded(stride) : stride;
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

// How often an access happens in a row, for its place depends on axes inside it.
double times_a_row(const ir::Kernel& kernel, const ir::Affine& index) {
  double times = 1;
  for (const ir::Affine::Term& term : index.terms)
    if (std::ranges::count(kernel.rows, term.axis) == 0)
      times *= static_cast<double>(kernel.axes[term.axis].extent);
  return times;
}

}  // namespace

// A contiguous access by whole vectors is worth one, an access that does not move nothing, a
// strided one and a row chosen lane by lane cost about as much as there are lanes; results weigh as
// much as operands.
int choose_lanes(const ir::Kernel& kernel) {
  int best = -1;
  double best_score = 0;
  for (std::size_t a = 0; a < kernel.axes.size(); ++a) {
    const int axis = static_cast<int>(a);
    double score = 0;
    const auto count = [&](const ir::Affine& index, int row) {
      const std::int64_t coefficient = index.coefficient(axis);
      const bool chosen = row >= 0 && kernel.values[row].index.coefficient(axis) != 0;
      if (coefficient != 0 || chosen)
        score += ir::access_worth(coefficient == 1 && !chosen, times_a_row(kernel, index));
    };
    for (const ir::Value& value : kernel.values)
      if (value.kind == ir::Value::Kind::kLoad) count(value.index, value.row);
    for (const ir::Stage& stage : kernel.stages) {
      for (const ir::Store& store : stage.stores) count(store.index, store.row);
      for (const ir::Store& store : stage.row_stores) count(store.index, store.row);
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
