#include "emit/tiles.h"

#include <algorithm>
#include <cmath>

#include "ir/cost_model.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

// How many vectors of 64 bytes the registers hold: 32 of 64 bytes, 16 of 32, 16 of 16.
int registers_of(Target target) {
  switch (target) {
    case Target::kAvx512:
      return 32;
    case Target::kAvx2:
      return 8;
    case Target::kSse2:
      return 4;
  }
  return 4;
}

Split divide(std::int64_t extent, int most) {
  Split split;
  split.extent = extent;
  split.pieces = (extent + most - 1) / most;
  split.size = static_cast<int>((extent + split.pieces - 1) / split.pieces);
  split.large = extent - split.pieces * (split.size - 1);
  return split;
}

Split divide_batch(std::int64_t extent, int size, const std::vector<int>& rest) {
  Split split;
  split.extent = extent;
  split.batched = true;
  split.size = static_cast<int>(std::min<std::int64_t>(size, extent));
  split.pieces = (extent + split.size - 1) / split.size;
  split.large = 0;
  for (const int smaller : rest)
    if (smaller < split.size) split.rest.push_back(smaller);
  return split;
}

// How many pieces of each size there are, at the largest batch.
std::vector<std::pair<int, std::int64_t>> counts(const Split& split) {
  if (!split.batched) {
    std::vector<std::pair<int, std::int64_t>> list = {{split.size, split.large}};
    if (split.large < split.pieces) list.emplace_back(split.size - 1, split.pieces - split.large);
    return list;
  }
  std::vector<std::pair<int, std::int64_t>> list;
  std::int64_t left = split.extent;
  for (const int size : split.sizes()) {
    list.emplace_back(size, left / size);
    left %= size;
  }
  return list;
}

double cycles(const Split& rows, const Split& panels, double steps) {
  double sum = 0;
  for (const auto& [r, row_count] : counts(rows))
    for (const auto& [v, panel_count] : counts(panels))
      sum += static_cast<double>(row_count) * static_cast<double>(panel_count) *
             (steps * ir::step_cycles(r, v) + ir::tile_cycles(r, v));
  return sum;
}

// The store of a kernel where sums can wait for further products: the sum itself, in whole vectors.
int partial_store(const Facts& facts, const TilePlan& plan) {
  const ir::Kernel& kernel = facts.kernel();
  if (facts.is_inside() || facts.axis(plan.n).batched || facts.tail(plan.n) != 0) return -1;
  const std::vector<ir::Store>& stores = kernel.stages.front().stores;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    const ir::Store& store = stores[i];
    bool read = false;
    for (std::size_t v = 0; v < kernel.values.size(); ++v)
      read = read || facts.reads(static_cast<int>(v), store.buffer);
    if (store.value == kernel.contraction.result && !facts.is_narrow(store.buffer) &&
        !store.accumulate && store.row < 0 && !read && store.index.coefficient(plan.n) == 1)
      return static_cast<int>(i);
  }
  return -1;
}

// How many products are summed for an element.
double steps_of(const Facts& facts) {
  double steps = 1;
  for (const int axis : facts.kernel().contraction.k)
    steps *= static_cast<double>(facts.axis(axis).extent);
  return steps;
}

// The rows and panels of tiles of that shape, or of the next smaller one that cuts the result
// evenly.
void cut(const Facts& facts, const TileShape& shape, TilePlan& plan) {
  const auto split = [&](int axis, std::int64_t extent, int size, const std::vector<int>& rest) {
    return facts.axis(axis).batched ? divide_batch(extent, size, rest) : divide(extent, size);
  };
  plan.panels = split(plan.n, facts.vectors(plan.n), shape.vectors, {1});
  plan.rows = plan.m < 0 ? Split{} : split(plan.m, facts.axis(plan.m).extent, shape.rows, {4, 1});
}

// The order of the tiles, and whether k is cut: every operand is read once if the other one stays
// in the cache, and else once for each strip or panel of the other.
void choose_order(const Facts& facts, double steps, TilePlan& plan) {
  const ir::Contraction& c = facts.kernel().contraction;
  const double element = facts.program().real == Element::kF64 ? 8 : 4;
  const double panel = steps * plan.panels.size * facts.types().lanes * element;
  const double m = plan.m < 0 ? 1 : static_cast<double>(facts.axis(plan.m).extent);
  const double n = static_cast<double>(facts.axis(plan.n).extent);
  double turn = steps;  // steps that a tile takes at a time
  if (ir::waits_for_memory(m, steps * n) && !c.k.empty() && !facts.axis(plan.n).batched &&
      !facts.is_inside() && plan.tiles(facts) * plan.sums(facts) <= ir::kMostSums) {
    plan.steps = ir::kFewSteps;
  } else if (panel > 2 * ir::kPanelBytes && !c.k.empty()) {
    const ir::Axis& outermost = facts.axis(c.k.front());
    const auto pieces = static_cast<std::int64_t>(std::ceil(panel / ir::kPanelBytes));
    plan.partial = partial_store(facts, plan);
    if (plan.partial >= 0 && outermost.extent >= pieces) {
      plan.steps = (outermost.extent + pieces - 1) / pieces;
      if (facts.in_pairs()) plan.steps += plan.steps % 2;
      turn = steps * static_cast<double>(plan.steps) / static_cast<double>(outermost.extent);
    }
  }
  const bool scattered =
      plan.m >= 0 && !c.k.empty() && c.left.coefficient(c.k.back()) > c.left.coefficient(plan.m);
  if (scattered && !facts.is_inside() && steps * m * element > ir::kPanelBytes)
    plan.ahead = ir::kStepsAhead;
  const double left = turn * m * element, right = turn * n * element;
  plan.by_rows =
      ir::reading_cost(left, 1, scattered) + ir::reading_cost(right, plan.rows.pieces, false) <
      ir::reading_cost(left, plan.panels.pieces, scattered) + ir::reading_cost(right, 1, false);
}

// What the end of a tile reads that comes from far away, such as an optimizer's moments.
std::vector<int> read_from_afar(const Facts& facts, const TilePlan& plan) {
  std::vector<int> values;
  if (facts.is_inside()) return values;
  std::int64_t bytes = 0;
  for (std::size_t v = 0; v < facts.kernel().values.size(); ++v) {
    const ir::Value& value = facts.kernel().values[v];
    if (value.kind != ir::Value::Kind::kLoad || value.row >= 0 ||
        facts.uses(static_cast<int>(v)) == 0)
      continue;
    if (value.index.coefficient(plan.n) != 1) continue;
    if (plan.m >= 0 && value.index.coefficient(plan.m) == 0) continue;
    values.push_back(static_cast<int>(v));
    bytes += facts.buffer(value.buffer).bytes();
  }
  if (bytes <= ir::kNearCacheBytes) values.clear();
  return values;
}

}  // namespace

std::vector<int> Split::sizes() const {
  std::vector<int> list = {size};
  if (batched)
    list.insert(list.end(), rest.begin(), rest.end());
  else if (large < pieces)
    list.push_back(size - 1);
  return list;
}

std::int64_t TilePlan::tiles(const Facts& facts) const {
  std::int64_t count = rows.pieces * panels.pieces;
  for (const int axis : outer) count *= facts.axis(axis).extent;
  return count;
}

std::int64_t TilePlan::sums(const Facts& facts) const {
  return std::int64_t{rows.size} * panels.size * facts.types().lanes;
}

TilePlan tile_axes(const Facts& facts) {
  const ir::Contraction& c = facts.kernel().contraction;
  TilePlan plan;
  CHECK(!c.n.empty() && c.n.back() == facts.kernel().lanes, facts.kernel().name);
  plan.n = c.n.back();
  // The longest m axis gives the rows of a tile; where two are alike, the inner one.
  for (const int axis : c.m)
    if (plan.m < 0 || facts.axis(axis).extent >= facts.axis(plan.m).extent) plan.m = axis;
  for (const int axis : facts.kernel().rows)
    if (axis != plan.m && axis != plan.n && facts.axis(axis).extent > 1) plan.outer.push_back(axis);
  return plan;
}

std::vector<TileShape> tile_shapes(const Facts& facts, Target target) {
  TilePlan plan = tile_axes(facts);
  const double steps = steps_of(facts);
  const std::vector<int> most = ir::most_rows(registers_of(target));
  std::vector<std::pair<double, TileShape>> shapes;
  const auto add = [&](const TileShape& wanted) {
    cut(facts, wanted, plan);
    const TileShape shape{plan.rows.size, plan.panels.size};
    for (const auto& known : shapes)
      if (known.second == shape) return;
    shapes.emplace_back(cycles(plan.rows, plan.panels, steps), shape);
  };
  const int vectors = facts.vectors(plan.n);
  for (int v = 1; v <= std::min(vectors, static_cast<int>(most.size())); ++v) {
    cut(facts, {1, v}, plan);
    const int rows = most[static_cast<std::size_t>(plan.panels.size) - 1];
    for (int r = 1; r <= rows; ++r) add({r, v});
  }
  std::ranges::stable_sort(shapes, {}, [](const auto& shape) { return shape.first; });
  std::vector<TileShape> list;
  for (const auto& [total, shape] : shapes) list.push_back(shape);
  return list;
}

TilePlan plan_tiles(const Facts& facts, Target target, const std::optional<TileShape>& tuned) {
  TilePlan plan = tile_axes(facts);
  const std::vector<TileShape> shapes = tile_shapes(facts, target);
  plan.tuned = tuned && std::ranges::find(shapes, *tuned) != shapes.end();
  cut(facts, plan.tuned ? *tuned : shapes.front(), plan);
  choose_order(facts, steps_of(facts), plan);
  plan.asked = read_from_afar(facts, plan);
  return plan;
}

}  // namespace gradc::emit
