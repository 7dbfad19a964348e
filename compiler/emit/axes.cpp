#include "emit/axes.h"

#include <algorithm>
#include <vector>

namespace gradc::emit {
namespace {

bool contains(const std::vector<int>& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// f(index) for each address of a kernel.
template <class Kernel, class F>
void each_index(Kernel& kernel, F f) {
  for (auto& value : kernel.values) f(value.index);
  for (auto& stage : kernel.stages)
    for (auto* stores : {&stage.stores, &stage.row_stores})
      for (auto& store : *stores) f(store.index);
}

// Whether axis `outer` with the extent of `inner` behind it is one axis to an address.
bool runs_on(const ir::Affine& index, int outer, int inner, std::int64_t extent) {
  return index.coefficient(outer) == index.coefficient(inner) * extent;
}

bool mergeable(const ir::Kernel& kernel, int outer, int inner) {
  const std::int64_t extent = kernel.axes[inner].extent;
  if (kernel.axes[inner].batched || kernel.axes[outer].limited) return false;
  bool fits = runs_on(kernel.contraction.left, outer, inner, extent) &&
              runs_on(kernel.contraction.right, outer, inner, extent);
  each_index(kernel,
             [&](const ir::Affine& index) { fits = fits && runs_on(index, outer, inner, extent); });
  return fits;
}

void drop(ir::Affine& index, int axis) {
  std::erase_if(index.terms, [&](const ir::Affine::Term& term) { return term.axis == axis; });
}

void merge(ir::Kernel& kernel, int outer, int inner) {
  kernel.axes[inner].extent *= kernel.axes[outer].extent;
  kernel.axes[inner].batched = kernel.axes[outer].batched;
  if (kernel.axes[outer].extent > 1) kernel.axes[inner].name.clear();
  drop(kernel.contraction.left, outer);
  drop(kernel.contraction.right, outer);
  each_index(kernel, [&](ir::Affine& index) { drop(index, outer); });
  std::erase(kernel.rows, outer);
}

// One stage of a kernel with `axis` renamed to `lanes`, on copies of the values that depend on it.
class Renaming {
 public:
  Renaming(ir::Kernel& kernel, ir::Stage& stage, int axis, int lanes)
      : kernel_(kernel),
        stage_(stage),
        axis_(axis),
        lanes_(lanes),
        copies_(kernel.values.size(), -1) {
    for (const ir::Value& value : kernel.values) {
      bool depends = value.index.coefficient(axis) != 0;
      for (const int operand : value.operands) depends = depends || depends_[operand];
      depends_.push_back(depends || (value.row >= 0 && depends_[value.row]));
    }
  }

  // Whether neighbours along the axis are neighbours in memory, or the same element.
  bool suits() const {
    const ir::Axis &a = kernel_.axes[axis_], &b = kernel_.axes[lanes_];
    if (a.extent != b.extent || a.batched != b.batched || contains(kernel_.rows, axis_))
      return false;
    for (const ir::Store& store : stage_.stores)
      if (store.index.coefficient(axis_) != 1 || (store.row >= 0 && depends_[store.row]) ||
          !suits(store.value))
        return false;
    return std::all_of(stage_.reductions.begin(), stage_.reductions.end(),
                       [&](const ir::Reduction& reduction) { return suits(reduction.value); });
  }

  void apply() {
    std::replace(stage_.inner.begin(), stage_.inner.end(), axis_, lanes_);
    for (ir::Reduction& reduction : stage_.reductions) reduction.value = copy(reduction.value);
    for (ir::Store& store : stage_.stores) {
      store.value = copy(store.value);
      rename(store.index);
    }
  }

 private:
  bool suits(int index) const {
    const ir::Value& value = kernel_.values[index];
    if (!depends_[index]) return true;
    const std::int64_t step = value.index.coefficient(axis_);
    if ((step != 0 && step != 1) || (value.row >= 0 && depends_[value.row])) return false;
    return std::all_of(value.operands.begin(), value.operands.end(),
                       [&](int operand) { return suits(operand); });
  }

  void rename(ir::Affine& index) const {
    const std::int64_t step = index.coefficient(axis_);
    index.add(axis_, -step);
    index.add(lanes_, step);
  }

  int copy(int index) {
    if (!depends_[index]) return index;
    if (copies_[index] >= 0) return copies_[index];
    ir::Value value = kernel_.values[index];
    for (int& operand : value.operands) operand = copy(operand);
    rename(value.index);
    kernel_.values.push_back(value);
    return copies_[index] = static_cast<int>(kernel_.values.size()) - 1;
  }

  ir::Kernel& kernel_;
  ir::Stage& stage_;
  int axis_, lanes_;
  std::vector<bool> depends_;
  std::vector<int> copies_;
};

}  // namespace

ir::Kernel merge_axes(const ir::Kernel& kernel) {
  ir::Kernel merged = kernel;
  ir::Contraction& c = merged.contraction;
  // What comes after the sum of products has no loops of its own.
  for (ir::Stage& stage : merged.stages) {
    std::erase_if(stage.inner,
                  [&](int axis) { return std::find(c.k.begin(), c.k.end(), axis) != c.k.end(); });
    stage.stores.insert(stage.stores.end(), stage.row_stores.begin(), stage.row_stores.end());
    stage.row_stores.clear();
  }
  for (std::vector<int>* axes : {&c.m, &c.n, &c.k}) {
    for (std::size_t i = axes->size(); i-- > 1;) {
      const int outer = (*axes)[i - 1], inner = (*axes)[i];
      if (!mergeable(merged, outer, inner)) continue;
      merge(merged, outer, inner);
      axes->erase(axes->begin() + static_cast<std::ptrdiff_t>(i) - 1);
    }
  }
  return merged;
}

ir::Kernel share_lanes(const ir::Kernel& kernel) {
  ir::Kernel shared = kernel;
  const int lanes = kernel.lanes;
  if (lanes < 0 || contains(kernel.rows, lanes)) return shared;
  for (ir::Stage& stage : shared.stages) {
    if (stage.inner.empty() || contains(stage.inner, lanes)) continue;
    Renaming renaming(shared, stage, stage.inner.back(), lanes);
    if (renaming.suits()) renaming.apply();
  }
  return shared;
}

ir::Kernel merge_rows(const ir::Kernel& kernel) {
  ir::Kernel merged = kernel;
  for (std::size_t i = merged.rows.size(); i-- > 1;) {
    const int outer = merged.rows[i - 1], inner = merged.rows[i];
    const bool cut = inner == kernel.lanes && merged.axes[outer].batched;
    if (!cut && mergeable(merged, outer, inner)) merge(merged, outer, inner);
  }
  return merged;
}

ir::Kernel with_better_axes(const ir::Kernel& kernel) {
  if (kernel.contracts) return merge_axes(kernel);
  const bool map = kernel.stages.size() == 1 && kernel.stages.front().inner.empty();
  return map ? merge_rows(kernel) : share_lanes(kernel);
}

}  // namespace gradc::emit
