#include "emit/blocks.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/layout.h"
#include "emit/nest.h"
#include "ir/cost_model.h"

namespace gradc::emit {
namespace {

using ir::Kernel;
using ir::Stage;
using ir::Value;

// Stands for the line that says which row it is, until it is known whether anything asks.
constexpr char kPlace[] = "$";

bool has_lanes(const Kernel& kernel, const Stage& stage) {
  return stage.inner == std::vector<int>{kernel.lanes};
}

Kernel with_lanes(Kernel kernel, int lanes) {
  kernel.lanes = lanes;
  return kernel;
}

// The last axis of the rows alone; those around it are given.
Kernel of_one_row(Kernel kernel) {
  kernel.fixed.insert(kernel.fixed.end(), kernel.rows.begin(), kernel.rows.end() - 1);
  kernel.rows = {kernel.rows.back()};
  return kernel;
}

// A loop, with what comes before it in a scope of its own.
std::string apart(const std::string& text) {
  return text.starts_with("for (") ? text : "{\n" + text + "}\n";
}

bool suits(const Facts& facts, const ir::Store& store, bool of_row) {
  for (std::size_t v = 0; v < facts.kernel().values.size(); ++v)
    if (facts.reads(static_cast<int>(v), store.buffer)) return false;
  return !store.accumulate && store.row < 0 &&
         (!of_row || store.index.coefficient(facts.kernel().rows.back()) == 1);
}

}  // namespace

bool Blocks::suit(const Facts& facts) {
  const Kernel& kernel = facts.kernel();
  if (kernel.contracts || kernel.sequential || kernel.lanes < 0 || kernel.rows.empty())
    return false;
  if (std::ranges::count(kernel.rows, kernel.lanes) > 0) return false;
  const ir::Axis &lanes = facts.axis(kernel.lanes), &rows = facts.axis(kernel.rows.back());
  if (lanes.batched || lanes.limited || facts.vectors(kernel.lanes) > ir::kUnrolledVectors)
    return false;
  if (rows.limited || rows.extent < facts.types().lanes) return false;
  bool folds = false;
  for (const Stage& stage : kernel.stages) {
    const bool inside = has_lanes(kernel, stage);
    if (!inside && (!stage.inner.empty() || !stage.reductions.empty())) return false;
    folds = folds || !stage.reductions.empty();
    for (const ir::Store& store : stage.stores)
      if (!suits(facts, store, !inside)) return false;
    for (const ir::Store& store : stage.row_stores)
      if (!suits(facts, store, true)) return false;
  }
  return folds;
}

Blocks::Blocks(const ir::Program& program, const Kernel& kernel)
    : along_(with_lanes(kernel, kernel.rows.back())),
      inside_(of_one_row(kernel)),
      along_facts_(program, along_),
      inside_facts_(program, inside_),
      row_(kernel.rows.back()) {
  for (const Value& value : kernel.values) {
    bool folded = value.kind == Value::Kind::kReduced || (value.row >= 0 && folded_[value.row]);
    for (const int operand : value.operands) folded = folded || folded_[operand];
    folded_.push_back(folded);
  }
  analyse();
}

// Real vectors only, counted without what each row knows as a number.
bool Blocks::worth_keeping(int index) const {
  std::set<int> seen;
  int cost = 0;
  const auto count = [&](const auto& self, int at) -> void {
    if (!inside_facts_.varies(at) || !seen.insert(at).second) return;
    const Value& value = inside_facts_.value(at);
    const bool function = value.kind == Value::Kind::kRandom ||
                          (value.kind == Value::Kind::kApply && ir::is_expensive(value.op));
    cost += function ? ir::kCallOperations : 1;
    for (const int operand : value.operands) self(self, operand);
  };
  count(count, index);
  return cost >= ir::kKeepOperations && !inside_facts_.is_integer(index);
}

void Blocks::analyse() {
  const std::vector<Stage>& stages = inside_.stages;
  needs_.resize(stages.size());
  kept_.resize(stages.size());
  std::map<int, std::size_t> first;  // the stage that works a vector out
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (!has_lanes(inside_, stages[s])) continue;
    std::set<int> seen;
    const auto need = [&](const auto& self, int index) -> void {
      if (!seen.insert(index).second) return;
      if (!inside_facts_.varies(index)) {
        if (folded_[index]) needs_[s].numbers.insert(index);
        return;
      }
      const auto [at, is_new] = first.emplace(index, s);
      if (!is_new && worth_keeping(index)) {
        kept_[at->second].insert(index);
        needs_[s].vectors.insert(index);
        return;
      }
      const Value& value = inside_facts_.value(index);
      if (value.row >= 0) self(self, value.row);
      for (const int operand : value.operands) self(self, operand);
    };
    for (const ir::Reduction& reduction : stages[s].reductions) need(need, reduction.value);
    for (const ir::Store& store : stages[s].stores) need(need, store.value);
  }
}

std::string Blocks::emit() {
  Body body(along_facts_);
  if (!is_shared(along_) && !along_facts_.is_inside()) body.prologue("if (member != 0) return;");
  outer_rows(body, 0);
  return body.text();
}

void Blocks::outer_rows(Body& body, std::size_t from) {
  const int axis = along_.rows[from];
  const bool shared = axis == shared_axis(along_);
  if (axis == row_) return all_blocks(body, shared);
  Nest(body).row_loop(axis, shared, [&] { outer_rows(body, from + 1); });
}

void Blocks::all_blocks(Body& body, bool shared) {
  const std::string name = along_facts_.axis_names()[row_], extent = along_facts_.extent(row_);
  const std::int64_t lanes = along_facts_.types().lanes, rows = along_facts_.axis(row_).extent;
  const bool whole = !along_facts_.axis(row_).batched && rows % lanes == 0;
  const auto one = [&] {
    body.set_lanes(1, "");
    block(body);
    body.close();
  };
  if (whole && rows == lanes && !shared) {
    body.open("", set_of(row_));
    body.move(row_, {"", 0});
    return one();
  }
  std::string begin = "0", end = extent;
  if (shared) {
    const std::string part = body.fresh("part"), times = whole ? fmt::format(" * {}", lanes) : "";
    body.line(fmt::format("const Range {} = share({}, member, members);", part,
                          whole ? std::to_string(rows / lanes) : extent));
    begin = part + ".begin" + times;
    end = part + ".end" + times;
  }
  if (whole) {
    body.open(
        fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; {0} += {3})", name, begin, end, lanes),
        set_of(row_));
    return one();
  }
  body.line(fmt::format("std::int64_t {} = {};", name, begin));
  body.open(fmt::format("for (; {0} + {1} <= {2}; {0} += {1})", name, lanes, end), set_of(row_));
  one();
  Body rest(inside_facts_, body);
  rest.open(fmt::format("for (; {0} < {1}; ++{0})", name, end), set_of(row_));
  Nest(rest).stages();
  rest.close();
  body.line(apart(rest.text()));
}

void Blocks::block(Body& body) {
  arrays_.clear();
  for (std::size_t s = 0; s < along_.stages.size(); ++s) {
    const Stage& stage = along_.stages[s];
    const bool inside = has_lanes(inside_, stage);
    if (inside) row_by_row(body, s);
    if (!inside) Nest(body).stores(stage.stores, true);
    Nest(body).stores(stage.row_stores, true);
  }
}

std::string Blocks::array(Body& body, const std::string& wanted, int elements) const {
  const std::string name = body.fresh(wanted);
  body.line(fmt::format("alignas(64) {} {}[{}];", along_facts_.types().real, name, elements));
  return name;
}

void Blocks::row_by_row(Body& body, std::size_t index) {
  const Types& types = along_facts_.types();
  const Stage& stage = inside_.stages[index];
  const int lane_axis = inside_.lanes, vectors = inside_facts_.vectors(lane_axis);
  const int tail = inside_facts_.tail(lane_axis), lanes = types.lanes;
  std::vector<std::string> partials;
  for (const int value : needs_[index].numbers) {
    if (arrays_.contains(value)) continue;
    const std::string text = body.value(value, 0, true).text;
    const std::string name = array(body, body.name_for(value, 0) + "_rows", lanes);
    body.line(fmt::format("store({}, {});", name, text));
    arrays_[value] = name;
  }
  for (const int value : kept_[index])
    arrays_[value] = array(body, body.name_for(value, 0) + "_rows", lanes * lanes * vectors);
  // A vector that is kept as it is folded lies there already.
  const auto lies_there = [&](const ir::Reduction& reduction) {
    return vectors == 1 && tail == 0 && kept_[index].contains(reduction.value);
  };
  for (const ir::Reduction& reduction : stage.reductions)
    partials.push_back(lies_there(reduction) ? arrays_.at(reduction.value)
                                             : array(body, "partial", lanes * lanes));

  Body inner(inside_facts_, body);
  const std::string row = inner.fresh("q");
  inner.open(fmt::format("for (std::int64_t {0} = 0; {0} < {1}; ++{0})", row, lanes), set_of(row_));
  const std::string start = body.index({{{row_, 1}}, 0}, 0);
  const std::string at = start == "0" ? row : inner.fresh("at_" + start);
  const std::string place = fmt::format("const std::int64_t {} = {} + {};\n", at, start, row);
  if (at != row) inner.line(kPlace);
  inner.move(row_, {at, 0});
  inner.widen(set_of(lane_axis));
  inner.move(lane_axis, {"", 0});
  inner.set_lanes(vectors, tail != 0 ? std::to_string(tail) : "");
  const auto kept = [&](int value, int vector) {
    return fmt::format("{} + {} * {}{}", arrays_.at(value), row, vectors * lanes,
                       vector > 0 ? fmt::format(" + {}", vector * lanes) : "");
  };
  for (const int value : needs_[index].numbers)
    inner.bind(value, -1, fmt::format("{}[{}]", arrays_.at(value), row));
  for (const int value : needs_[index].vectors)
    for (int vector = 0; vector < vectors; ++vector) {
      const std::string name = inner.fresh(inner.name_for(value, vector));
      inner.line(fmt::format("const {} {} = load<{}>({});", types.vector, name, types.vector,
                             kept(value, vector)));
      inner.bind(value, vector, name);
    }
  std::vector<Fold> folds;
  for (const ir::Reduction& reduction : stage.reductions)
    folds.emplace_back(inner, reduction, true, true, vectors);
  for (Fold& fold : folds) fold.step(false, true);
  Nest(inner).stores(stage.stores, true);
  for (const int value : kept_[index])
    for (int vector = 0; vector < vectors; ++vector)
      inner.line(fmt::format("store({}, {});", kept(value, vector),
                             inner.named(value, vector, true).text));
  for (std::size_t i = 0; i < folds.size(); ++i)
    if (!lies_there(stage.reductions[i]))
      inner.line(fmt::format("store({} + {} * {}, {});", partials[i], row, lanes, folds[i].all()));
  inner.narrow(set_of(lane_axis));
  inner.close();
  std::string text = inner.text();
  if (const std::size_t line = text.find(kPlace); line != std::string::npos)
    text.replace(line, std::string(kPlace).size() + 1, mentions(text, at) ? place : "");
  body.line(apart(text));
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const ir::Reduction& reduction = stage.reductions[i];
    const std::string result = body.fresh(folds[i].name());
    body.line(fmt::format("const {} {} = {}<{}>({});", types.vector, result,
                          reduction.maximum ? "maxima" : "sums", types.vector, partials[i]));
    body.bind(reduction.result, 0, result);
  }
}

}  // namespace gradc::emit
