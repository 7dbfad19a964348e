#include "emit/contraction.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/body.h"
#include "emit/layout.h"
#include "emit/nest.h"
#include "ir/cost_model.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

std::string accumulator(int row, int vector) { return fmt::format("c{}_{}", row, vector); }

// The rows `from` .. `to` - 1 of a tile, which exist where a tile has `to` rows at least.
struct RowGroup {
  int from, to;
};

// Rows that come and go together when a tile may have any of `sizes`.
std::vector<RowGroup> row_groups(std::vector<int> sizes) {
  std::sort(sizes.begin(), sizes.end());
  std::vector<RowGroup> groups;
  int from = 0;
  for (const int size : sizes) {
    groups.push_back({from, size});
    from = size;
  }
  return groups;
}

}  // namespace

bool has_expensive_epilogue(const Facts& facts) {
  for (std::size_t i = 0; i < facts.kernel().values.size(); ++i) {
    const ir::Value& value = facts.kernel().values[i];
    if (value.kind == ir::Value::Kind::kApply && facts.varies(static_cast<int>(i)) &&
        ir::is_expensive(value.op))
      return true;
  }
  return false;
}

// The text of one tile function: its axes placed, its products, what is done with them.
class TileWriter {
 public:
  TileWriter(const Facts& facts, const TilePlan& plan, int vectors)
      : facts_(facts),
        plan_(plan),
        body_(facts),
        vectors_(vectors),
        groups_(row_groups(plan.rows.sizes())) {}

  std::string write() {
    AxisSet axes = set_of(plan_.n);
    for (const int axis : facts_.kernel().rows)
      if (axis != plan_.m) axes |= set_of(axis);
    body_.widen(axes);
    for (const int axis : facts_.kernel().rows)  // axes of one place
      if (axis != plan_.m && axis != plan_.n &&
          std::find(plan_.outer.begin(), plan_.outer.end(), axis) == plan_.outer.end())
        body_.move(axis, {"", 0});
    body_.set_lanes(vectors_, valid_lanes());
    zeros();
    if (plan_.steps > 0) resume();
    if (!plan_.asked.empty()) ask_for_the_end();
    products(0);
    if (plan_.steps > 0) pause();
    if (has_expensive_epilogue(facts_))
      expensive_epilogue();
    else
      epilogue();
    return body_.text();
  }

 private:
  bool templated() const { return groups_.size() > 1; }
  std::string row_count() const { return templated() ? "R" : std::to_string(plan_.rows.size); }

  // The lanes of the last vector, if some store or load needs to know; else nothing.
  std::string valid_lanes() {
    bool whole = !facts_.any_load_by_lane();
    for (const ir::Stage& stage : facts_.kernel().stages)
      for (const ir::Store& store : stage.stores) whole = whole && facts_.stores_whole(store);
    if (whole || facts_.fills_vectors(plan_.n)) return "";
    const int lanes = facts_.types().lanes;
    const std::string last = std::to_string(lanes * (vectors_ - 1));
    body_.line(
        fmt::format("const int lanes = static_cast<int>(std::min<std::int64_t>({}, {} - {} - "
                    "{}));",
                    lanes, facts_.extent(plan_.n), facts_.axis_names()[plan_.n], last));
    return "lanes";
  }

  // Accumulators begin with zero, or with what a stream's earlier tiles have left in the result.
  void zeros() {
    if (facts_.kernel().contraction.adds) return previous();
    const std::string zero = body_.fresh("zero");
    body_.line(fmt::format("const {} {} = {};", facts_.types().vector, zero,
                           body_.notation(true).number(0)));
    for (const RowGroup& group : groups_)
      for (int row = group.from; row < group.to; ++row) {
        std::string text;
        for (int vector = 0; vector < vectors_; ++vector)
          text += fmt::format("{}{} = {}", vector > 0 ? ", " : "", accumulator(row, vector), zero);
        const bool guarded = group.from > 0;
        body_.line(fmt::format("{}{} {};", guarded ? "[[maybe_unused]] " : "",
                               facts_.types().vector, text));
      }
  }

  void previous() {
    const ir::Store& store = facts_.kernel().stages.front().stores.front();
    const Types& types = facts_.types();
    for (const RowGroup& group : groups_)
      for (int row = group.from; row < group.to; ++row) {
        at_row(row);
        const bool guarded = group.from > 0;
        for (int vector = 0; vector < vectors_; ++vector) {
          const std::string load =
              fmt::format("load<{}>({} + {})", types.vector, body_.pointer(store.buffer),
                          body_.index(store.index, vector));
          body_.line(fmt::format(
              "{}{} {} = {};", guarded ? "[[maybe_unused]] " : "", types.vector,
              accumulator(row, vector),
              guarded ? fmt::format("R >= {} ? {} : splat<{}>(0)", group.to, load, types.vector)
                      : load));
        }
      }
  }

  // Lines come while the products are made.
  void ask_for_the_end() {
    if (plan_.steps > 0) body_.open(fmt::format("if (to >= {})", outermost_extent()), 0);
    each_group([&](int row) {
      at_row(row);
      for (const int asked : plan_.asked) {
        const ir::Value& value = facts_.value(asked);
        for (int vector = 0; vector < vectors_; ++vector)
          body_.line(fmt::format("prefetch({}, {});", body_.pointer(value.buffer),
                                 body_.index(value.index, vector)));
      }
    });
    if (plan_.steps > 0) body_.close();
  }

  // Sums go on from what an earlier turn of this tile has left in memory.
  void resume() {
    body_.open("if (from > 0)", 0);
    each_partial([&](const std::string& sum, const std::string& place) {
      body_.line(fmt::format("{} = load<{}>({});", sum, facts_.types().vector, place));
    });
    body_.close();
  }

  // Sums that are not complete wait in memory.
  void pause() {
    body_.open(fmt::format("if (to < {})", outermost_extent()), 0);
    each_partial([&](const std::string& sum, const std::string& place) {
      body_.line(fmt::format("store({}, {});", place, sum));
    });
    body_.line("return;");
    body_.close();
  }

  // f(sum, where it waits) for all sums of the tile.
  template <class F>
  void each_partial(F f) {
    each_group([&](int row) {
      at_row(row);
      for (int vector = 0; vector < vectors_; ++vector)
        f(accumulator(row, vector), partial_place(row, vector));
    });
  }

  std::string partial_place(int row, int vector) {
    if (plan_.partial < 0)
      return fmt::format("sums + {}", (row * plan_.panels.size + vector) * facts_.types().lanes);
    const ir::Store& store =
        facts_.kernel().stages.front().stores[static_cast<std::size_t>(plan_.partial)];
    return fmt::format("{} + {}", body_.pointer(store.buffer), body_.index(store.index, vector));
  }

  std::string outermost_extent() const {
    return facts_.extent(facts_.kernel().contraction.k.front());
  }

  template <class F>
  void each_group(F f) {
    for (const RowGroup& group : groups_) {
      const bool guarded = group.from > 0;
      if (guarded)
        body_.open(group.to == group.from + 1 && &group == &groups_.back()
                       ? fmt::format("if constexpr (R == {})", group.to)
                       : fmt::format("if constexpr (R >= {})", group.to),
                   0);
      for (int row = group.from; row < group.to; ++row) f(row);
      if (guarded) body_.close();
    }
  }

  // The address of row `row` of the tile.
  void at_row(int row) {
    if (plan_.m >= 0) body_.move(plan_.m, {facts_.axis_names()[plan_.m], row});
  }

  void products(std::size_t from) {
    const ir::Contraction& c = facts_.kernel().contraction;
    if (from == c.k.size()) return one_product();
    const int axis = c.k[from];
    const std::string& name = facts_.axis_names()[axis];
    const bool in_turns = from == 0 && plan_.steps > 0;
    const std::string begin = in_turns ? "from" : "0";
    const std::string end = in_turns ? "to" : facts_.extent(axis);
    if (from + 1 == c.k.size() && facts_.in_pairs()) return products_in_pairs(axis, begin, end);
    body_.open(fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; ++{0})", name, begin, end),
               set_of(axis));
    products(from + 1);
    body_.close();
  }

  // Two steps of k at a time, and the last one alone if there are not as many.
  void products_in_pairs(int axis, const std::string& begin, const std::string& end) {
    const std::string& name = facts_.axis_names()[axis];
    const ir::Axis& k = facts_.axis(axis);
    const bool even = k.extent % 2 == 0 && !k.batched && !k.limited;
    if (even) {
      body_.open(fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; {0} += 2)", name, begin, end),
                 set_of(axis));
      pair_of_products(axis);
      body_.close();
      return;
    }
    body_.open("", 0);
    body_.line(fmt::format("std::int64_t {} = {};", name, begin));
    body_.open(fmt::format("for (; {0} + 2 <= {1}; {0} += 2)", name, end), set_of(axis));
    pair_of_products(axis);
    body_.close();
    body_.open(fmt::format("for (; {0} < {1}; ++{0})", name, end), set_of(axis));
    one_product();
    body_.close();
    body_.close();
  }

  void pair_of_products(int axis) {
    const ir::Contraction& c = facts_.kernel().contraction;
    const std::string left = body_.pointer(c.left_buffer), right = body_.pointer(c.right_buffer);
    const std::string& name = facts_.axis_names()[axis];
    std::vector<std::string> columns;
    for (int vector = 0; vector < vectors_; ++vector) {
      columns.push_back(body_.fresh(fmt::format("{}_{}", right, vector)));
      const std::string first = body_.index(c.right, vector);
      body_.move(axis, {name, 1});
      body_.line(fmt::format("const bf16x32 {0} = load_pairs({1} + {2}, {1} + {3});",
                             columns.back(), right, first, body_.index(c.right, vector)));
      body_.move(axis, {name, 0});
    }
    each_group([&](int row) {
      at_row(row);
      const std::string pair = body_.fresh(fmt::format("{}_row{}", left_name(), row));
      body_.line(fmt::format("const bf16x32 {} = splat_pair({} + {});", pair, left,
                             body_.index(c.left, 0)));
      for (int vector = 0; vector < vectors_; ++vector)
        body_.line(fmt::format("{0} = dot({1}, {2}, {0});", accumulator(row, vector), pair,
                               columns[static_cast<std::size_t>(vector)]));
    });
  }

  // What a row of the left operand is called; the operands may be one buffer.
  std::string left_name() const {
    const ir::Contraction& c = facts_.kernel().contraction;
    const std::string left = body_.pointer(c.left_buffer);
    return left == body_.pointer(c.right_buffer) ? left + "_left" : left;
  }

  void one_product() {
    const ir::Contraction& c = facts_.kernel().contraction;
    const Types& types = facts_.types();
    const std::string left = body_.pointer(c.left_buffer), right = body_.pointer(c.right_buffer);
    if (plan_.ahead > 0) ask_ahead(left);
    std::vector<std::string> columns;
    for (int vector = 0; vector < vectors_; ++vector) {
      columns.push_back(body_.fresh(fmt::format("{}_{}", right, vector)));
      body_.line(fmt::format("const {} {} = load<{}>({} + {});", types.vector, columns.back(),
                             types.vector, right, body_.index(c.right, vector)));
    }
    each_group([&](int row) {
      at_row(row);
      const std::string element = body_.fresh(fmt::format("{}_row{}", left_name(), row));
      body_.line(fmt::format("const {} {} = {};", types.vector, element,
                             body_.splat(body_.element_of(c.left_buffer, body_.index(c.left, 0)))));
      for (int vector = 0; vector < vectors_; ++vector)
        body_.line(fmt::format("{0} = fma({1}, {2}, {0});", accumulator(row, vector), element,
                               columns[static_cast<std::size_t>(vector)]));
    });
  }

  // For the last row of those that every tile has: where strips of rows follow each other, the
  // first one shares its line with the strip before.
  void ask_ahead(const std::string& left) {
    const ir::Contraction& c = facts_.kernel().contraction;
    const std::string& step = facts_.axis_names()[c.k.back()];
    at_row(groups_.front().to - 1);
    body_.move(c.k.back(), {step, plan_.ahead});
    body_.line(fmt::format("prefetch({}, {});", left, body_.index(c.left, 0)));
    body_.move(c.k.back(), {step, 0});
  }

  // On the accumulators, where they are.
  void epilogue() {
    each_group([&](int row) {
      body_.open("", plan_.m >= 0 ? set_of(plan_.m) : 0);
      at_row(row);
      for (int vector = 0; vector < vectors_; ++vector)
        body_.bind(facts_.kernel().contraction.result, vector, accumulator(row, vector));
      Nest(body_).stages();
      body_.close();
    });
  }

  // On the finished tile in memory, row by row: registers are free then, and the tile is in cache.
  void expensive_epilogue() {
    const Types& types = facts_.types();
    const ir::Stage& stage = facts_.kernel().stages.front();
    const ir::Store& first = stage.stores.front();
    bool in_place = !first.accumulate && first.row < 0 && valid_known_whole() &&
                    !facts_.is_narrow(first.buffer);
    for (std::size_t i = 0; i < facts_.kernel().values.size(); ++i)
      if (facts_.reads(static_cast<int>(i), first.buffer)) in_place = false;
    const int width = vectors_ * types.lanes;
    const std::string target = in_place ? body_.pointer(first.buffer) : body_.fresh("tile");
    const auto place = [&](const std::string& row, int vector) {
      if (in_place) return body_.index(first.index, vector);
      return fmt::format("{} * {} + {}", row, width, vector * types.lanes);
    };
    if (!in_place)
      body_.line(
          fmt::format("alignas(64) {} {}[{} * {}];", types.real, target, row_count(), width));
    each_group([&](int row) {
      at_row(row);
      for (int vector = 0; vector < vectors_; ++vector)
        body_.line(fmt::format("store({} + {}, {});", target, place(std::to_string(row), vector),
                               accumulator(row, vector)));
    });
    const bool rows = plan_.m >= 0;
    const std::string row = rows ? body_.fresh("row") : "0";
    if (rows) {
      body_.open(fmt::format("for (std::int64_t {0} = 0; {0} < {1}; ++{0})", row, row_count()),
                 set_of(plan_.m));
      const std::string at = body_.fresh("at_row");
      body_.line(
          fmt::format("const std::int64_t {} = {} + {};", at, facts_.axis_names()[plan_.m], row));
      body_.move(plan_.m, {at, 0});
    }
    const int result = facts_.kernel().contraction.result;
    for (int vector = 0; vector < vectors_; ++vector) {
      const std::string name =
          body_.fresh(vectors_ == 1 ? "total" : fmt::format("total_{}", vector));
      body_.line(fmt::format("const {} {} = load<{}>({} + {});", types.vector, name, types.vector,
                             target, place(row, vector)));
      body_.bind(result, vector, name);
    }
    Nest(body_).stages();
    if (rows) body_.close();
  }

  bool valid_known_whole() const { return body_.valid().empty(); }

  const Facts& facts_;
  const TilePlan& plan_;
  Body body_;
  int vectors_;
  std::vector<RowGroup> groups_;
};

Contraction::Contraction(const Facts& facts, std::string function, Target target,
                         const std::optional<TileShape>& tuned)
    : facts_(facts), function_(std::move(function)), plan_(plan_tiles(facts, target, tuned)) {}

std::string Contraction::tile_function(int vectors) const {
  return plan_.panels.sizes().size() == 1 ? function_ + "_tile"
                                          : fmt::format("{}_tile{}", function_, vectors);
}

// The arguments of a tile function beyond the buffers, as declared or as passed.
std::string Contraction::arguments(const std::string& code, bool declared) const {
  std::string text;
  const auto add = [&](const std::string& name) {
    if (!declared)
      text += ", " + name;
    else
      text += mentions(code, name) ? ", std::int64_t " + name : ", std::int64_t";
  };
  add("batch");
  for (const int axis : facts_.kernel().fixed) add(facts_.axis_names()[axis]);
  if (facts_.has_limit()) add("limit");
  if (plan_.steps > 0) {
    add("from");
    add("to");
    if (plan_.partial < 0) text += declared ? fmt::format(", {}* sums", facts_.types().real) : "";
  }
  for (const int axis : plan_.outer) add(facts_.axis_names()[axis]);
  if (plan_.m >= 0) add(facts_.axis_names()[plan_.m]);
  add(facts_.axis_names()[plan_.n]);
  return text;
}

void Contraction::emit() {
  for (const ir::Stage& stage : facts_.kernel().stages)
    CHECK(stage.inner.empty() && stage.reductions.empty() && stage.row_stores.empty(),
          facts_.kernel().name);
  for (const int vectors : plan_.panels.sizes()) {
    const std::string code = TileWriter(facts_, plan_, vectors).write();
    tiles_ += fmt::format("{}GRADC_KERNEL static void {}({}{}) {{\n{}}}\n\n",
                          plan_.rows.sizes().size() > 1 ? "template <int R>\n" : "",
                          tile_function(vectors), facts_.operand_parameters(code),
                          arguments(code, true), code);
  }
  dispatch_ = emit_dispatch();
}

std::string Contraction::description() const {
  const int lanes = facts_.types().lanes;
  return fmt::format("tiles of {} x {}{}", plan_.rows.size, plan_.panels.size * lanes,
                     plan_.tuned ? ", as measured" : "");
}

// tile -> outer axes, panel and strip; the place of the tile; the function for its size.
std::string Contraction::emit_dispatch() const {
  const int lanes = facts_.types().lanes;
  const std::string n = facts_.axis_names()[plan_.n];
  const std::string m = plan_.m >= 0 ? facts_.axis_names()[plan_.m] : "";
  std::string text;
  const auto count = [&](const Split& split, const char* name, int axis, int unit) {
    if (!split.batched) return std::to_string(split.pieces);
    const std::int64_t size = std::int64_t{split.size} * unit;
    text += fmt::format("const std::int64_t {} = ({} + {}) / {};\n", name, facts_.extent(axis),
                        size - 1, size);
    return std::string(name);
  };
  const std::string strips = count(plan_.rows, "strips", plan_.m, 1);
  const std::string panels = count(plan_.panels, "panels", plan_.n, lanes);
  std::vector<std::string> extents;
  for (const int axis : plan_.outer) extents.push_back(facts_.extent(axis));
  extents.push_back(plan_.by_rows ? strips : panels);
  extents.push_back(plan_.by_rows ? panels : strips);
  std::string product;
  for (const std::string& extent : extents)
    if (extent != "1") product += (product.empty() ? "" : " * ") + extent;
  if (product.empty()) product = "1";
  if (!facts_.is_inside()) {
    text += fmt::format("const Range part = share({}, member, members);\n", product);
    if (plan_.steps > 0) text += turns();
    text += "for (std::int64_t tile = part.begin; tile < part.end; ++tile) {\n";
  } else {
    text += product == "1"
                ? "{\n"
                : fmt::format("for (std::int64_t tile = 0; tile < {}; ++tile) {{\n", product);
  }

  // Digits of `tile`, the last one first.
  std::vector<std::string> names;
  for (const int axis : plan_.outer) names.push_back(facts_.axis_names()[axis]);
  names.push_back(plan_.by_rows ? "strip" : "panel");
  names.push_back(plan_.by_rows ? "panel" : "strip");
  std::string behind;
  std::size_t first = 0;
  while (first + 1 < extents.size() && extents[first] == "1") ++first;
  for (std::size_t digit = extents.size(); digit-- > 0;) {
    if (extents[digit] == "1") continue;
    std::string value = behind.empty() ? "tile" : fmt::format("tile / ({})", behind);
    if (behind.find(' ') == std::string::npos && !behind.empty()) value = "tile / " + behind;
    if (digit != first)
      value += extents[digit].find(' ') == std::string::npos
                   ? fmt::format(" % {}", extents[digit])
                   : fmt::format(" % ({})", extents[digit]);
    text += fmt::format("const std::int64_t {} = {};\n", names[digit], value);
    behind += (behind.empty() ? "" : " * ") + extents[digit];
  }
  text += start(plan_.panels, "panel", panels, n, lanes);
  if (plan_.m >= 0) text += start(plan_.rows, "strip", strips, m, 1);
  text += by_size(plan_.panels, "panel", plan_.n, lanes, [&](int vectors, const std::string& at_n) {
    const auto call = [&](int rows, const std::string& at_m) {
      std::string arguments = ", batch";
      for (const int axis : facts_.kernel().fixed) arguments += ", " + facts_.axis_names()[axis];
      if (facts_.has_limit()) arguments += ", limit";
      if (plan_.steps > 0) arguments += ", from, to";
      if (plan_.steps > 0 && plan_.partial < 0) arguments += ", " + waiting_sums(m, at_m);
      for (const int axis : plan_.outer) arguments += ", " + facts_.axis_names()[axis];
      if (plan_.m >= 0) arguments += ", " + at_m;
      const std::string size =
          plan_.rows.sizes().size() > 1 ? fmt::format("<{}>", rows) : std::string();
      return fmt::format("{}{}({}{}, {});\n", tile_function(vectors), size,
                         facts_.operand_arguments(), arguments, at_n);
    };
    if (plan_.m < 0) return call(1, "");
    return by_size(plan_.rows, "strip", plan_.m, 1, call);
  });
  return text + (plan_.steps > 0 ? "}\n}\n" : "}\n");
}

// Where the sums of the tile whose rows begin at `at` wait, in the strip that begins at `start`.
std::string Contraction::waiting_sums(const std::string& start, const std::string& at) const {
  const std::string slot = fmt::format("sums + (tile - part.begin) * {}", plan_.sums(facts_));
  if (at == start) return slot;
  return fmt::format("{} + ({} - {}) * {}", slot, at, start,
                     plan_.panels.size * facts_.types().lanes);
}

// The loop around the tiles, one turn of each after the other.
std::string Contraction::turns() const {
  const std::string extent = facts_.extent(facts_.kernel().contraction.k.front());
  const std::string array = plan_.partial < 0
                                ? fmt::format("alignas(64) {} sums[{}];\n", facts_.types().real,
                                              plan_.tiles(facts_) * plan_.sums(facts_))
                                : "";
  return array + fmt::format(
                     "for (std::int64_t from = 0; from < {0}; from += {1}) {{\n"
                     "const std::int64_t to = std::min<std::int64_t>(from + {1}, {0});\n",
                     extent, plan_.steps);
}

// Where a piece begins.
std::string Contraction::start(const Split& split, const std::string& piece,
                               const std::string& pieces, const std::string& name, int unit) const {
  if (pieces == "1") return fmt::format("const std::int64_t {} = 0;\n", name);
  std::string text =
      fmt::format("const std::int64_t {} = {} * {}", name, piece, std::int64_t{split.size} * unit);
  if (!split.batched && !split.uniform())
    text += fmt::format(" - std::max<std::int64_t>({} - {}, 0){}", piece, split.large,
                        unit == 1 ? "" : fmt::format(" * {}", unit));
  return text + ";\n";
}

// `call` for the size of the piece at hand, or for the sizes that a last one is made of.
std::string Contraction::by_size(const Split& split, const std::string& piece, int axis, int unit,
                                 const Call& call) const {
  const std::string& name = facts_.axis_names()[axis];
  if (split.uniform()) return call(split.size, name);
  if (!split.batched)
    return fmt::format("if ({} < {}) {{\n{}}} else {{\n{}}}\n", piece, split.large,
                       call(split.size, name), call(split.size - 1, name));
  const std::string extent = facts_.extent(axis);
  const std::int64_t full = std::int64_t{split.size} * unit;
  // A vector that is partly there counts.
  std::string text = fmt::format("if ({} + {} <= {}) {{\n{}}} else {{\n", name, full - (unit - 1),
                                 extent, call(split.size, name));
  const std::string at = "at_" + name;
  text += fmt::format("std::int64_t {} = {};\n", at, name);
  for (const int size : split.rest) {
    const std::int64_t step = std::int64_t{size} * unit;
    text += size == 1 ? fmt::format("for (; {0} < {1}; {0} += {2}) {{\n{3}}}\n", at, extent, step,
                                    call(size, at))
                      : fmt::format("for (; {0} + {4} <= {1}; {0} += {2}) {{\n{3}}}\n", at, extent,
                                    step, call(size, at), step - (unit - 1));
  }
  return text + "}\n";
}

}  // namespace gradc::emit
