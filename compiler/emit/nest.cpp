#include "emit/nest.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/fold.h"
#include "ir/cost_model.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

bool contains(const std::vector<int>& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// In how many ways the innermost loop of a stage goes on at once: sums that take little wait for
// each other, unless there are several.
int ways_of(const Facts& facts, const ir::Stage& stage, int accumulators) {
  const std::vector<int>& inner = stage.inner;
  const bool lanes_last = inner.back() == facts.kernel().lanes;
  if (inner.size() < (lanes_last ? 2u : 1u) || !stage.stores.empty()) return 1;
  const int axis = lanes_last ? inner[inner.size() - 2] : inner.back();
  if (facts.axis(axis).limited || facts.axis(axis).extent < 2 * ir::kSumsAtOnce) return 1;
  int operations = 0;
  for (std::size_t v = 0; v < facts.kernel().values.size(); ++v)
    if (facts.uses(static_cast<int>(v)) > 0 &&
        (facts.depends(static_cast<int>(v)) & set_of(axis)) != 0)
      ++operations;
  return operations <= ir::kLittleWork ? std::max(1, ir::kSumsAtOnce / accumulators) : 1;
}

}  // namespace

StagePlan plan_stage(const Facts& facts, const ir::Stage& stage, int blocks) {
  const int lanes = facts.kernel().lanes;
  StagePlan plan;
  plan.lane_inside = contains(stage.inner, lanes);
  plan.vectors = plan.lane_inside || contains(facts.kernel().rows, lanes);
  plan.unrolled = plan.lane_inside && !facts.axis(lanes).batched &&
                  facts.vectors(lanes) <= ir::kUnrolledVectors;
  plan.loops = stage.inner.size() > (plan.unrolled ? 1u : 0u);
  if (plan.unrolled)
    plan.accumulators = facts.vectors(lanes);
  else if (plan.lane_inside)
    plan.accumulators = facts.axis(lanes).batched ? 1 : ir::kSumsAtOnce;
  else if (plan.vectors)
    plan.accumulators = blocks;
  if (plan.loops && !stage.reductions.empty() && (plan.unrolled || !plan.lane_inside))
    plan.ways = ways_of(facts, stage, plan.accumulators);
  return plan;
}

int row_group(const Facts& facts) {
  const bool sums = std::any_of(
      facts.kernel().stages.begin(), facts.kernel().stages.end(),
      [](const ir::Stage& stage) { return !stage.reductions.empty() && !stage.inner.empty(); });
  return sums ? std::min(ir::kSumsAtOnce, facts.vectors(facts.kernel().lanes)) : 1;
}

bool is_shared(const ir::Kernel& kernel) {
  if (kernel.sequential || !kernel.fixed.empty()) return false;
  return std::any_of(kernel.rows.begin(), kernel.rows.end(),
                     [&](int axis) { return kernel.axes[axis].extent > 1; });
}

int shared_axis(const ir::Kernel& kernel) {
  if (!is_shared(kernel)) return -1;
  for (const int axis : kernel.rows)
    if (kernel.axes[axis].extent > 1) return axis;
  return -1;
}

bool Nest::lane_is_row() const { return contains(facts_.kernel().rows, facts_.kernel().lanes); }

bool Nest::needs_exact_lanes(const ir::Stage& stage, bool lane_inside) const {
  if (facts_.any_load_by_lane() || (lane_inside && !stage.reductions.empty())) return true;
  const auto partial = [&](const ir::Store& store) { return !facts_.stores_whole(store); };
  return std::any_of(stage.stores.begin(), stage.stores.end(), partial) ||
         (!lane_inside && std::any_of(stage.row_stores.begin(), stage.row_stores.end(), partial));
}

void Nest::emit() {
  if (!is_shared(facts_.kernel()) && !facts_.is_inside())
    body_.prologue("if (member != 0) return;");
  rows(0);
}

void Nest::rows(std::size_t from) {
  const ir::Kernel& kernel = facts_.kernel();
  if (from == kernel.rows.size()) return stages();
  const int axis = kernel.rows[from];
  const bool shared = axis == shared_axis(facts_.kernel());
  const auto inside = [&] { rows(from + 1); };
  if (axis != kernel.lanes) return row_loop(axis, shared, inside);
  const bool exact =
      std::any_of(kernel.stages.begin(), kernel.stages.end(),
                  [&](const ir::Stage& stage) { return needs_exact_lanes(stage, false); });
  lane_loop(shared, row_group(facts_), exact, inside);
}

void Nest::row_loop(int axis, bool shared, const Inside& inside) {
  const std::string name = facts_.axis_names()[axis], extent = facts_.extent(axis);
  std::string begin = "0", end = extent;
  if (shared) {
    const std::string part = body_.fresh("part");
    body_.line(fmt::format("const Range {} = share({}, member, members);", part, extent));
    begin = part + ".begin";
    end = part + ".end";
  }
  body_.open(fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; ++{0})", name, begin, end),
             set_of(axis));
  inside();
  body_.close();
}

void Nest::lane_loop(bool shared, int group, bool exact, const Inside& inside) {
  const int axis = facts_.kernel().lanes;
  if (facts_.axis(axis).batched)
    return batched_lanes(shared, exact && !facts_.fills_vectors(axis), inside);
  const std::string& name = facts_.axis_names()[axis];
  const std::int64_t lanes = facts_.types().lanes, step = lanes * group;
  const std::int64_t extent = facts_.axis(axis).extent;
  const int vectors = facts_.vectors(axis), tail = facts_.tail(axis);
  // Vectors that need no thought about lanes, in whole groups; then what is left.
  const int easy = exact && tail != 0 ? vectors - 1 : vectors;
  const int groups = easy / group, rest = vectors - groups * group;
  const std::string part = shared ? body_.fresh("part") : "";
  if (shared)
    body_.line(fmt::format("const Range {} = share({}, member, members);", part,
                           groups + (rest > 0 ? 1 : 0)));
  if (groups == 1 && !shared) {
    body_.open("", set_of(axis));
    body_.move(axis, {"", 0});
    body_.set_lanes(group, "");
    inside();
    body_.close();
  } else if (groups > 0) {
    std::string begin = "0", end = std::to_string(groups * step);
    if (shared) {
      begin = fmt::format("{}.begin * {}", part, step);
      end = rest > 0 ? fmt::format("std::min<std::int64_t>({}.end, {}) * {}", part, groups, step)
                     : fmt::format("{}.end * {}", part, step);
    } else if (rest == 0 && !exact) {
      end = std::to_string(extent);
    }
    body_.open(
        fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; {0} += {3})", name, begin, end, step),
        set_of(axis));
    body_.set_lanes(group, "");
    inside();
    body_.close();
  }
  if (rest > 0) {
    body_.open(shared ? fmt::format("if ({}.end == {})", part, groups + 1) : "", set_of(axis));
    body_.move(axis, {"", groups * step});
    body_.set_lanes(rest, exact && tail != 0 ? std::to_string(tail) : "");
    inside();
    body_.close();
  }
}

void Nest::batched_lanes(bool shared, bool exact, const Inside& inside) {
  const int axis = facts_.kernel().lanes, lanes = facts_.types().lanes;
  const std::string& name = facts_.axis_names()[axis];
  const std::string extent = facts_.extent(axis);
  if (!shared && !exact) {
    body_.open(
        fmt::format("for (std::int64_t {0} = 0; {0} < {1}; {0} += {2})", name, extent, lanes),
        set_of(axis));
    body_.set_lanes(1, "");
    inside();
    body_.close();
    return;
  }
  const std::string full = body_.fresh("full");
  std::string begin = "0", end = full;
  if (shared) {
    const std::string part = body_.fresh("part");
    body_.line(fmt::format("const Range {} = share(({} + {}) / {}, member, members);", part, extent,
                           lanes - 1, lanes));
    begin = fmt::format("{}.begin * {}", part, lanes);
    end = fmt::format("{}.end * {}", part, lanes);
  }
  if (exact)
    body_.line(
        shared ? fmt::format("const std::int64_t {} = std::min({}, {} / {} * {});", full, end,
                             extent, lanes, lanes)
               : fmt::format("const std::int64_t {} = {} / {} * {};", full, extent, lanes, lanes));
  body_.open(fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; {0} += {3})", name, begin,
                         exact ? full : end, lanes),
             set_of(axis));
  body_.set_lanes(1, "");
  inside();
  body_.close();
  if (!exact) return;
  body_.open(
      shared ? fmt::format("if ({} < {})", full, end) : fmt::format("if ({} < {})", full, extent),
      set_of(axis));
  body_.move(axis, {full, 0});
  body_.line(fmt::format("const int lanes = static_cast<int>({} - {});", extent, full));
  body_.set_lanes(1, "lanes");
  inside();
  body_.close();
}

void Nest::stages() {
  for (const ir::Stage& one : facts_.kernel().stages) {
    stage(one);
    for (const auto* stores : {&one.stores, &one.row_stores})
      for (const ir::Store& store : *stores) body_.forget(store.buffer);
  }
}

// Places go to the ways in turn, those that are left over to the first.
void Nest::loop_in_ways(int axis, int ways, const std::function<void(int)>& inside) {
  const std::string name = facts_.axis_names()[axis], extent = facts_.extent(axis);
  const std::int64_t places = facts_.axis(axis).extent;
  const bool batched = facts_.axis(axis).batched;
  const std::string full = batched ? fmt::format("{} / {} * {}", extent, ways, ways)
                                   : std::to_string(places / ways * ways);
  body_.open(fmt::format("for (std::int64_t {0} = 0; {0} < {1}; {0} += {2})", name, full, ways), 0);
  for (int way = 0; way < ways; ++way) {
    body_.open("", set_of(axis));
    body_.move(axis, {name, way});
    inside(way);
    body_.close();
  }
  body_.close();
  if (!batched && places % ways == 0) return;
  body_.open(fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; ++{0})", name, full, extent),
             set_of(axis));
  inside(0);
  body_.close();
}

void Nest::inner_loops(const ir::Stage& stage, std::size_t from, int ways,
                       const std::function<void(int)>& inside, int way) {
  if (from == stage.inner.size()) return inside(way);
  const int axis = stage.inner[from];
  const auto deeper = [&] { inner_loops(stage, from + 1, ways, inside, way); };
  const std::size_t last = stage.inner.back() == facts_.kernel().lanes ? 2 : 1;
  if (ways > 1 && from + last == stage.inner.size())
    return loop_in_ways(axis, ways,
                        [&](int each) { inner_loops(stage, from + 1, ways, inside, each); });
  if (axis != facts_.kernel().lanes) return row_loop(axis, false, deeper);
  const bool exact = needs_exact_lanes(stage, true);
  if (facts_.axis(axis).batched || facts_.vectors(axis) > ir::kUnrolledVectors)
    return lane_loop(false, stage.reductions.empty() ? 1 : ir::kSumsAtOnce, exact, deeper);
  // Unrolled, in the scope that there is, so that values live on.
  body_.move(axis, {"", 0});
  body_.set_lanes(facts_.vectors(axis),
                  facts_.tail(axis) != 0 ? std::to_string(facts_.tail(axis)) : "");
  deeper();
}

void Nest::stage(const ir::Stage& stage) {
  const StagePlan plan = plan_stage(facts_, stage, body_.blocks());
  // Values of an unrolled stage belong to the row, where later stages find them.
  const AxisSet lanes = plan.unrolled ? set_of(facts_.kernel().lanes) : 0;
  body_.widen(lanes);
  std::vector<Fold> folds;
  for (const ir::Reduction& reduction : stage.reductions)
    folds.emplace_back(body_, reduction, plan.vectors, plan.lane_inside, plan.accumulators,
                       plan.ways);
  if (plan.loops)
    for (Fold& fold : folds) fold.begin();
  inner_loops(stage, 0, plan.ways, [&](int way) {
    for (Fold& fold : folds) fold.step(plan.loops, plan.unrolled, way);
    stores(stage.stores, plan.vectors);
  });
  for (Fold& fold : folds) fold.finish();
  body_.narrow(lanes);
  stores(stage.row_stores, lane_is_row());
}

void Nest::stores(const std::vector<ir::Store>& stores, bool vectors) {
  const int blocks = vectors ? body_.blocks() : 1;
  const bool several = stores.size() * static_cast<std::size_t>(blocks) > 1;
  std::vector<ir::Written> values;
  for (const ir::Store& store : stores) {
    if (vectors && blocks > 1) body_.prepare(store.value);
    for (int block = 0; block < blocks; ++block) {
      const int at = vectors ? block : -1;
      // All values are worked out before anything changes.
      values.push_back(several ? body_.named(store.value, at, vectors)
                               : body_.value(store.value, at, vectors));
    }
  }
  std::size_t next = 0;
  for (const ir::Store& store : stores)
    for (int block = 0; block < blocks; ++block)
      body_.store(store, vectors ? block : -1, values[next++]);
}

}  // namespace gradc::emit
