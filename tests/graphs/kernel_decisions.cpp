#include "graphs/kernel_decisions.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <cstddef>

#include "emit/alone.h"
#include "emit/blocks.h"
#include "emit/contraction.h"
#include "emit/facts.h"
#include "emit/kernel.h"
#include "emit/nest.h"
#include "emit/tiles.h"
#include "emit/transposed.h"

namespace gradc::graphs {
namespace {

using emit::Facts;

bool contains(const std::vector<int>& axes, int axis) {
  return std::ranges::find(axes, axis) != axes.end();
}

// --- Kernels ------------------------------------------------------------------------------------

struct Written {
  const ir::Kernel& lowered;
  const Facts& facts;

  const ir::Kernel& kernel() const { return facts.kernel(); }
  bool is_nest() const {
    return !kernel().contracts && !emit::Blocks::suit(facts) && !emit::is_transposed_copy(facts);
  }
  bool has_lanes() const { return kernel().lanes >= 0; }
  const ir::Axis& lanes() const { return facts.axis(kernel().lanes); }
  // How many loops there are around its stages, and within its sum of products.
  static std::size_t loops(const ir::Kernel& kernel) {
    return kernel.rows.size() + kernel.contraction.k.size();
  }
  bool stores(Element element) const {
    for (const ir::Stage& stage : kernel().stages)
      for (const ir::Store& store : stage.stores)
        if (facts.buffer(store.buffer).element == element) return true;
    return false;
  }
  bool is_in_blocks() const { return emit::Blocks::suit(facts); }
  bool fills_blocks() const {
    const ir::Axis& rows = facts.axis(kernel().rows.back());
    return !rows.batched && rows.extent % facts.types().lanes == 0;
  }
};

// Whether a stage that had other axes now runs along the lanes.
bool shares_lanes(const Written& w) {
  for (std::size_t s = 0; s < w.lowered.stages.size(); ++s)
    if (w.lowered.stages[s].inner != w.kernel().stages[s].inner) return true;
  return false;
}

constexpr Decision<Written> kOfKernels[] = {
    {"lanes: none", [](const Written& w) { return !w.has_lanes(); }},
    {"lanes: along the rows",
     [](const Written& w) { return w.is_nest() && contains(w.kernel().rows, w.kernel().lanes); }},
    {"lanes: within a row",
     [](const Written& w) {
       return w.is_nest() && w.has_lanes() && !contains(w.kernel().rows, w.kernel().lanes);
     }},
    {"lanes: along the batch",
     [](const Written& w) {
       return w.is_nest() && w.has_lanes() && w.lanes().batched && !w.lanes().limited;
     }},
    {"lanes: along an axis that is not the last",
     [](const Written& w) {
       return w.is_nest() && w.has_lanes() &&
              w.lowered.lanes + 1 < static_cast<int>(w.lowered.axes.size());
     }},
    {"axes: some of a contraction are one",
     [](const Written& w) {
       return w.kernel().contracts && Written::loops(w.kernel()) < Written::loops(w.lowered);
     }},
    {"axes: some of a map's rows are one",
     [](const Written& w) {
       return !w.kernel().contracts && Written::loops(w.kernel()) < Written::loops(w.lowered);
     }},
    {"axes: a stage takes the lanes of the others",
     [](const Written& w) { return !w.kernel().contracts && shares_lanes(w); }},
    {"written: as tiles", [](const Written& w) { return w.kernel().contracts; }},
    {"written: in blocks of rows", [](const Written& w) { return w.is_in_blocks(); }},
    {"written: in blocks of rows, and rows that are left",
     [](const Written& w) { return w.is_in_blocks() && !w.fills_blocks(); }},
    {"written: as a transposed copy",
     [](const Written& w) { return emit::is_transposed_copy(w.facts); }},
    {"written: as loops", [](const Written& w) { return w.is_nest(); }},
    {"written: for one thread", [](const Written& w) { return !emit::is_shared(w.kernel()); }},
    {"written: up to the last key that a tile sees",
     [](const Written& w) { return w.facts.has_limit(); }},
    {"contraction: a right operand transposed for it",
     [](const Written& w) { return w.lowered.name == "transpose"; }},
    {"contraction: an operand of bf16 transposed for it",
     [](const Written& w) { return w.lowered.name == "transpose" && w.stores(Element::kBf16); }},
    {"memory: rounded to bf16", [](const Written& w) { return w.stores(Element::kBf16); }},
    {"memory: rounded to int8", [](const Written& w) { return w.stores(Element::kInt8); }},
};

// --- Tiles --------------------------------------------------------------------------------------

struct Tiled {
  const Facts& facts;
  emit::TilePlan plan;
};

constexpr Decision<Tiled> kOfTiles[] = {
    {"tile: one row", [](const Tiled& t) { return t.plan.m < 0; }},
    {"tile: rows alike", [](const Tiled& t) { return t.plan.m >= 0 && t.plan.rows.uniform(); }},
    {"tile: rows of two numbers",
     [](const Tiled& t) { return !t.plan.rows.batched && !t.plan.rows.uniform(); }},
    {"tile: rows of the batch, and fewer that are left",
     [](const Tiled& t) { return t.plan.rows.batched && !t.plan.rows.rest.empty(); }},
    {"tile: one vector", [](const Tiled& t) { return t.plan.panels.size == 1; }},
    {"tile: several vectors", [](const Tiled& t) { return t.plan.panels.size > 1; }},
    {"tile: panels of two widths",
     [](const Tiled& t) { return !t.plan.panels.batched && !t.plan.panels.uniform(); }},
    {"tile: panels along the batch",
     [](const Tiled& t) { return t.plan.panels.batched && !t.facts.axis(t.plan.n).limited; }},
    {"tile: a grid for each place of outer axes",
     [](const Tiled& t) { return !t.plan.outer.empty(); }},
    {"tile: a last vector that is not whole",
     [](const Tiled& t) { return !t.facts.fills_vectors(t.plan.n); }},
    {"tile: by rows", [](const Tiled& t) { return t.plan.by_rows; }},
    {"tile: by panels", [](const Tiled& t) { return !t.plan.by_rows; }},
    {"tile: turns over k, sums wait in the result",
     [](const Tiled& t) { return t.plan.steps > 0 && t.plan.partial >= 0; }},
    {"tile: turns of a few steps for few rows, sums wait in an array",
     [](const Tiled& t) { return t.plan.steps > 0 && t.plan.partial < 0; }},
    {"tile: asks ahead for the left operand", [](const Tiled& t) { return t.plan.ahead > 0; }},
    {"tile: asks for what its end reads", [](const Tiled& t) { return !t.plan.asked.empty(); }},
    {"tile: goes on from what earlier tiles have left",
     [](const Tiled& t) { return t.facts.kernel().contraction.adds; }},
    {"tile: pairs of bf16", [](const Tiled& t) { return t.facts.in_pairs(); }},
    {"tile: pairs of bf16, and one that may be left",
     [](const Tiled& t) {
       if (!t.facts.in_pairs()) return false;
       const ir::Axis& k = t.facts.axis(t.facts.kernel().contraction.k.back());
       return k.batched || k.extent % 2 != 0;
     }},
    {"tile: a right operand of int8",
     [](const Tiled& t) {
       return t.facts.buffer(t.facts.kernel().contraction.right_buffer).element == Element::kInt8;
     }},
    {"tile: what follows is done in registers",
     [](const Tiled& t) { return !emit::has_expensive_epilogue(t.facts); }},
    {"tile: what follows is dear and done in memory",
     [](const Tiled& t) { return emit::has_expensive_epilogue(t.facts); }},
};

// --- Stages -------------------------------------------------------------------------------------

struct Staged {
  const Facts& facts;
  const ir::Stage& stage;
  emit::StagePlan plan;

  Staged(const Facts& its_facts, const ir::Stage& its_stage)
      : facts(its_facts),
        stage(its_stage),
        plan(emit::plan_stage(its_facts, its_stage, blocks(its_facts))) {}

  // How many vectors of rows go together around the stage.
  static int blocks(const Facts& facts) {
    const int lanes = facts.kernel().lanes;
    const bool rows = contains(facts.kernel().rows, lanes) && !facts.axis(lanes).batched;
    return rows ? emit::row_group(facts) : 1;
  }
  bool folds() const { return !stage.reductions.empty(); }
  bool folds(bool maximum) const {
    return std::ranges::any_of(stage.reductions,
                               [&](const ir::Reduction& r) { return r.maximum == maximum; });
  }
  const ir::Axis& lanes() const { return facts.axis(facts.kernel().lanes); }
  bool cuts_lanes() const { return plan.lane_inside && !facts.fills_vectors(facts.kernel().lanes); }
  // What goes on in several ways: the innermost loop that is not over lanes.
  const ir::Axis& in_ways() const {
    const std::size_t last = stage.inner.back() == facts.kernel().lanes ? 2 : 1;
    return facts.axis(stage.inner[stage.inner.size() - last]);
  }
};

constexpr Decision<Staged> kOfStages[] = {
    {"fold: of numbers", [](const Staged& s) { return s.folds() && !s.plan.vectors; }},
    {"fold: lanes along the rows",
     [](const Staged& s) { return s.folds() && s.plan.vectors && !s.plan.lane_inside; }},
    {"fold: several vectors of columns at once",
     [](const Staged& s) {
       return s.folds() && s.plan.vectors && !s.plan.lane_inside && s.plan.accumulators > 1;
     }},
    {"fold: over lanes in registers, without a loop",
     [](const Staged& s) { return s.folds() && s.plan.unrolled && !s.plan.loops; }},
    {"fold: over lanes in registers, in a loop",
     [](const Staged& s) { return s.folds() && s.plan.unrolled && s.plan.loops; }},
    {"fold: over lanes of long rows, several vectors at once",
     [](const Staged& s) {
       return s.folds() && s.plan.lane_inside && !s.plan.unrolled && !s.lanes().batched;
     }},
    {"fold: over lanes along the batch",
     [](const Staged& s) {
       return s.folds() && s.plan.lane_inside && s.lanes().batched && !s.lanes().limited;
     }},
    {"fold: a sum, without lanes that do not exist",
     [](const Staged& s) { return s.folds(false) && s.cuts_lanes(); }},
    {"fold: a maximum, without lanes that do not exist",
     [](const Staged& s) { return s.folds(true) && s.cuts_lanes(); }},
    {"fold: in several ways at once", [](const Staged& s) { return s.plan.ways > 1; }},
    {"fold: in several ways at once, and places that are left",
     [](const Staged& s) {
       return s.plan.ways > 1 && (s.in_ways().batched || s.in_ways().extent % s.plan.ways != 0);
     }},
    {"fold: several in one loop", [](const Staged& s) { return s.stage.reductions.size() > 1; }},
    {"fold: products rounded with the sum",
     [](const Staged& s) {
       return s.plan.loops && std::ranges::any_of(s.stage.reductions, [&](const auto& reduction) {
                return emit::adds_products(s.facts, reduction);
              });
     }},
    {"fold: what the loop makes is stored as well",
     [](const Staged& s) { return s.folds() && !s.stage.stores.empty(); }},
    {"loop: long rows, a vector at a time",
     [](const Staged& s) { return !s.folds() && s.plan.lane_inside && !s.plan.unrolled; }},
    {"loop: short rows without a loop over lanes",
     [](const Staged& s) { return !s.folds() && s.plan.unrolled; }},
};

// --- Loads and stores ---------------------------------------------------------------------------

struct Loaded {
  const Facts& facts;
  int index;

  const ir::Value& value() const { return facts.value(index); }
  bool varies() const { return facts.varies(index); }
};

constexpr Decision<Loaded> kOfLoads[] = {
    {"load: one number for all lanes",
     [](const Loaded& l) { return l.facts.kernel().lanes >= 0 && !l.varies(); }},
    {"load: neighbours",
     [](const Loaded& l) { return l.varies() && !l.facts.loads_by_lane(l.index); }},
    {"load: lane by lane",
     [](const Loaded& l) { return l.value().row < 0 && l.facts.loads_by_lane(l.index); }},
    {"load: a row that an index says",
     [](const Loaded& l) { return l.value().row >= 0 && !l.facts.varies(l.value().row); }},
    {"load: lane by lane of rows that indices say",
     [](const Loaded& l) { return l.value().row >= 0 && l.facts.varies(l.value().row); }},
};

struct Stored {
  const Facts& facts;
  const ir::Store& store;

  std::int64_t step() const { return store.index.coefficient(facts.kernel().lanes); }
  bool neighbours() const { return step() == 1; }
  bool tail() const { return !facts.fills_vectors(facts.kernel().lanes); }
};

constexpr Decision<Stored> kOfStores[] = {
    {"store: a number", [](const Stored& s) { return s.step() == 0; }},
    {"store: whole vectors, into the padding",
     [](const Stored& s) { return s.neighbours() && s.tail() && s.facts.stores_whole(s.store); }},
    {"store: lanes that exist",
     [](const Stored& s) { return s.neighbours() && s.tail() && !s.facts.stores_whole(s.store); }},
    {"store: lane by lane", [](const Stored& s) { return s.step() != 0 && s.step() != 1; }},
    {"store: added to a row that an index says",
     [](const Stored& s) { return s.store.accumulate && s.neighbours(); }},
};

}  // namespace

void declare_kernel_decisions(Tally& tally) {
  tally.declare(kOfKernels);
  tally.declare(kOfTiles);
  tally.declare(kOfStages);
  tally.declare(kOfLoads);
  tally.declare(kOfStores);
}

void count_kernel_decisions(const ir::Program& program, const ir::Kernel& kernel, Tally& tally) {
  const emit::Alone alone = emit::written_form(program, kernel);
  const Facts facts(alone.program, alone.program.kernels.front());
  const Written written{kernel, facts};
  tally.count(kOfKernels, written);
  if (facts.kernel().contracts)
    tally.count(kOfTiles, Tiled{facts, emit::plan_tiles(facts, emit::Target::kAvx512)});
  for (const ir::Stage& stage : facts.kernel().stages) {
    if (written.is_nest()) tally.count(kOfStages, Staged(facts, stage));
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const ir::Store& store : *stores)
        if (written.has_lanes()) tally.count(kOfStores, Stored{facts, store});
  }
  for (std::size_t v = 0; v < facts.kernel().values.size(); ++v)
    if (facts.value(static_cast<int>(v)).kind == ir::Value::Kind::kLoad &&
        facts.uses(static_cast<int>(v)) > 0)
      tally.count(kOfLoads, Loaded{facts, static_cast<int>(v)});
}

}  // namespace gradc::graphs
