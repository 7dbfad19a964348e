#include "emit/tiles.h"

#include "support/check.h"

#include <algorithm>

namespace gradc::emit {
namespace {

// The most rows of a tile of 1, 2, ... vectors. Accumulators, the vectors of one step and a
// broadcast stay within the registers: 32 of 64 bytes, 16 of 32 bytes (two a vector), 16 of 16 (four).
std::vector<int> most_rows(Target target) {
  switch (target) {
    case Target::kAvx512: return {12, 12, 8, 6};
    case Target::kAvx2: return {6};
    case Target::kSse2: return {2};
  }
  return {2};
}

// Sums that can be under way at once: fewer wait for each other.
constexpr int kChains = 8;

Split divide(std::int64_t extent, int most) {
  Split split;
  split.extent = extent;
  split.pieces = (extent + most - 1) / most;
  split.size = static_cast<int>((extent + split.pieces - 1) / split.pieces);
  split.large = extent - split.pieces * (split.size - 1);
  return split;
}

// A step of k costs a tile as many cycles as it has sums, or as it takes to get round all of them.
int cost(int rows, int vectors) { return std::max(rows * vectors, kChains) + (rows + vectors) / 2; }

Split divide_batch(std::int64_t extent, int most, int vectors, const std::vector<int>& rest) {
  Split best;
  std::int64_t least = -1;
  for (int size = most; size >= std::max(1, most / 2); --size) {
    std::int64_t left = extent % size, total = extent / size * cost(size, vectors);
    std::vector<int> sizes;
    for (const int smaller : rest) {
      if (smaller >= size) continue;
      sizes.push_back(smaller);
      total += left / smaller * cost(smaller, vectors);
      left %= smaller;
    }
    if (least >= 0 && total >= least) continue;
    least = total;
    best = {extent, true, size, (extent + size - 1) / size, 0, sizes};
  }
  return best;
}

// Whether axis `outer` with the extent of `inner` behind it is one axis to an address.
bool runs_on(const ir::Affine& index, int outer, int inner, std::int64_t extent) {
  return index.coefficient(outer) == index.coefficient(inner) * extent;
}

bool mergeable(const ir::Kernel& kernel, int outer, int inner) {
  const std::int64_t extent = kernel.axes[inner].extent;
  if (kernel.axes[inner].batched) return false;
  const auto fits = [&](const ir::Affine& index) { return runs_on(index, outer, inner, extent); };
  const ir::Contraction& c = kernel.contraction;
  if (!fits(c.left) || !fits(c.right)) return false;
  for (const ir::Value& value : kernel.values)
    if (!fits(value.index)) return false;
  for (const ir::Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const ir::Store& store : *stores)
        if (!fits(store.index)) return false;
  return true;
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
  for (ir::Value& value : kernel.values) drop(value.index, outer);
  for (ir::Stage& stage : kernel.stages)
    for (auto* stores : {&stage.stores, &stage.row_stores})
      for (ir::Store& store : *stores) drop(store.index, outer);
  std::erase(kernel.rows, outer);
}

}  // namespace

std::vector<int> Split::sizes() const {
  std::vector<int> list = {size};
  if (batched) list.insert(list.end(), rest.begin(), rest.end());
  else if (large < pieces) list.push_back(size - 1);
  return list;
}

TilePlan plan_tiles(const Facts& facts, Target target) {
  const ir::Contraction& c = facts.kernel().contraction;
  TilePlan plan;
  CHECK(!c.n.empty() && c.n.back() == facts.kernel().lanes, facts.kernel().name);
  plan.n = c.n.back();
  // The longest m axis gives the rows of a tile; where two are alike, the inner one.
  for (const int axis : c.m)
    if (plan.m < 0 || facts.axis(axis).extent >= facts.axis(plan.m).extent) plan.m = axis;
  for (const int axis : facts.kernel().rows)
    if (axis != plan.m && axis != plan.n && facts.axis(axis).extent > 1) plan.outer.push_back(axis);

  const std::vector<int> most = most_rows(target);
  const int vectors = facts.vectors(plan.n);
  plan.panels = divide(vectors, static_cast<int>(most.size()));
  if (facts.axis(plan.n).batched) {
    plan.panels.batched = true;
    plan.panels.large = 0;
    plan.panels.rest = plan.panels.size > 1 ? std::vector<int>{1} : std::vector<int>{};
  }
  if (plan.m < 0) return plan;
  const int rows = most[static_cast<std::size_t>(plan.panels.size) - 1];
  plan.rows = facts.axis(plan.m).batched
                  ? divide_batch(facts.axis(plan.m).extent, rows, plan.panels.size, {4, 1})
                  : divide(facts.axis(plan.m).extent, rows);
  return plan;
}

ir::Kernel merge_axes(const ir::Kernel& kernel) {
  ir::Kernel merged = kernel;
  ir::Contraction& c = merged.contraction;
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

}  // namespace gradc::emit
