// The members of Body that read and write memory.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "emit/alone.h"
#include "emit/body.h"
#include "support/check.h"

namespace gradc::emit {

using ir::Affine;
using ir::Value;
using ir::Written;

std::string innermost(const Facts& facts, const Affine& index) {
  const Affine::Term* best = nullptr;
  for (const Affine::Term& term : index.terms)
    if (best == nullptr || std::abs(term.coefficient) <= std::abs(best->coefficient)) best = &term;
  return best == nullptr ? "0" : facts.axis_names()[best->axis];
}

// Terms in the order of a row-major address: "(m + 1) * 208 + n + 16".
std::string Body::index(const Affine& index, int block) const {
  std::vector<Affine::Term> terms = index.terms;
  std::stable_sort(terms.begin(), terms.end(), [](const Affine::Term& a, const Affine::Term& b) {
    return std::abs(a.coefficient) > std::abs(b.coefficient);
  });
  std::string text;
  std::int64_t constant = index.offset;
  const auto with_sign = [](std::int64_t number) {
    return fmt::format(" {} {}", number < 0 ? '-' : '+', std::abs(number));
  };
  for (const Affine::Term& term : terms) {
    const Position& at = scopes_.back().positions[term.axis];
    std::int64_t place = at.constant;
    if (term.axis == facts_.kernel().lanes && block > 0)
      place += std::int64_t{block} * facts_.types().lanes;
    const std::int64_t times = std::abs(term.coefficient);
    if (at.variable.empty() || times == 1) constant += term.coefficient * place;
    if (at.variable.empty()) continue;
    if (text.empty())
      text = term.coefficient < 0 ? "-" : "";
    else
      text += term.coefficient < 0 ? " - " : " + ";
    if (times == 1)
      text += at.variable;
    else if (place == 0)
      text += fmt::format("{} * {}", at.variable, times);
    else
      text += fmt::format("({}{}) * {}", at.variable, with_sign(place), times);
  }
  if (text.empty()) return std::to_string(constant);
  return constant == 0 ? text : text + with_sign(constant);
}

namespace {

// An index and the row's part of it: "j", " + token * 16".
std::string joined(const std::string& place, const std::string& row) {
  if (place == "0" && !row.empty()) return row.substr(3);
  return place + row;
}

}  // namespace

std::string Body::row_offset(int row, std::int64_t stride, int block, int home) {
  if (row < 0) return "";
  std::string text;
  if (facts_.varies(row)) {
    const Value& value = facts_.value(row);
    const std::int64_t step = value.index.coefficient(facts_.kernel().lanes);
    CHECK(value.row < 0, "a row of a row");
    const std::string move = step == 1 ? " + lane" : fmt::format(" + lane * {}", step);
    text = index(value.index, block) + (step == 0 ? "" : move);
    if (value.kind == Value::Kind::kLoad)
      text = pointer(value.buffer) + "[" + text + "]";
    else
      text = "(" + text + ")";
  } else {
    text = request(row, -1, false, home, true).text;
  }
  return stride == 1 ? " + " + text : fmt::format(" + std::int64_t{{{}}} * {}", stride, text);
}

std::string Body::element_of(int buffer, const std::string& place) const {
  if (facts_.is_narrow(buffer))
    return fmt::format("load<{}>({} + {})", facts_.types().real, pointer(buffer), place);
  return fmt::format("{}[{}]", pointer(buffer), place);
}

Written Body::load(int index_of_value, int block, int home) {
  const Value& value = facts_.value(index_of_value);
  if (facts_.loads_by_lane(index_of_value)) return load_by_lane(index_of_value, block, home);
  const std::string row = row_offset(value.row, value.row_stride, block, home);
  const std::string& from = pointer(value.buffer);
  const std::string place = joined(index(value.index, block), row);
  const bool varies = facts_.varies(index_of_value), integer = facts_.is_integer(index_of_value);
  const Types& types = facts_.types();
  if (!varies) {
    if (facts_.is_narrow(value.buffer)) return {notation(false), element_of(value.buffer, place)};
    std::string text = fmt::format("{}[{}]", from, place);
    if (integer && facts_.program().real == Element::kF64) text = "std::int64_t{" + text + "}";
    return {notation(false), text};
  }
  const char* type = integer ? types.integer_vector : types.vector;
  return {notation(true), place == "0" ? fmt::format("load<{}>({})", type, from)
                                       : fmt::format("load<{}>({} + {})", type, from, place)};
}

Written Body::load_by_lane(int index_of_value, int block, int home) {
  const Value& value = facts_.value(index_of_value);
  const Types& types = facts_.types();
  const std::string row = row_offset(value.row, value.row_stride, block, home);
  const std::int64_t step = value.index.coefficient(facts_.kernel().lanes);
  std::string place = index(value.index, block);
  if (step == 1) place += " + lane";
  if (step != 0 && step != 1) place += fmt::format(" + lane * {}", step);
  const bool integer = facts_.is_integer(index_of_value);
  std::string element = element_of(value.buffer, joined(place, row));
  if (is_partial(block)) element = fmt::format("lane < {} ? {} : 0", valid(), element);
  return {notation(true),
          fmt::format("generate<{}>([&](int lane) GRADC_INLINE_LAMBDA {{ return {}; }})",
                      integer ? types.integer_vector : types.vector, element)};
}

Written Body::index_value(int index_of_value, int block) {
  const Value& value = facts_.value(index_of_value);
  const Types& types = facts_.types();
  const std::string place = index(value.index, block);
  if (!facts_.varies(index_of_value))
    return {notation(false), fmt::format("static_cast<{}>({})", types.integer, place)};
  const std::int64_t step = value.index.coefficient(facts_.kernel().lanes);
  std::string text = fmt::format("iota<{}>()", types.integer_vector);
  if (step != 1) text = fmt::format("splat<{}>({}) * {}", types.integer_vector, step, text);
  const bool known = place.find_first_not_of("0123456789") == std::string::npos;
  if (place != "0")
    text =
        fmt::format("splat<{}>({}) + {}", types.integer_vector,
                    known ? place : fmt::format("static_cast<{}>({})", types.integer, place), text);
  return {notation(true), text, Written::kSum};
}

Written Body::random(int index_of_value, int block, int home) {
  const Value& value = facts_.value(index_of_value);
  const Types& types = facts_.types();
  const std::string place = index(value.index, block);
  const auto whole = [&](int operand) {
    return fmt::format("static_cast<std::uint64_t>({})",
                       request(operand, block, false, home, false).text);
  };
  const std::string draw =
      fmt::format("Draw{{.seed = {}, .stream = {}, .step = {}}}", whole(value.operands[0]),
                  stream_name(value.stream), whole(value.operands[1]));
  if (!facts_.varies(index_of_value))
    return {notation(false), fmt::format("uniform<{}>({}, {})", types.real, draw, place)};
  const std::int64_t step = value.index.coefficient(facts_.kernel().lanes);
  if (step == 1)
    return {notation(true), fmt::format("uniform<{}>({}, {})", types.vector, draw, place)};
  return {notation(true),
          fmt::format(
              "generate<{}>([&](int lane) GRADC_INLINE_LAMBDA {{ return uniform<{}>({}, {} + lane "
              "* {}); }})",
              types.vector, types.real, draw, place, step)};
}

void Body::store(const ir::Store& store, int block, const Written& value) {
  const Types& types = facts_.types();
  const ir::Buffer& target = facts_.buffer(store.buffer);
  const bool narrow = facts_.is_narrow(store.buffer);
  CHECK(target.element == facts_.program().real || (narrow && !store.accumulate), target.name);
  const int lane_axis = facts_.kernel().lanes;
  const int here = static_cast<int>(scopes_.size()) - 1;
  const bool vector = block >= 0;
  const std::string text = value.text;
  if (!vector) {
    const std::string row = row_offset(store.row, store.row_stride, block, here);
    const std::string place = joined(index(store.index, block), row);
    line(narrow ? fmt::format("store({} + {}, {});", pointer(store.buffer), place, text)
                : fmt::format("{}[{}] {} {};", pointer(store.buffer), place,
                              store.accumulate ? "+=" : "=", text));
    return;
  }
  const std::int64_t step = store.index.coefficient(lane_axis);
  const bool scatters = store.row >= 0 && facts_.varies(store.row);
  CHECK(step != 0 || scatters, "all lanes of " + target.name + " go to one place");
  const std::string row = row_offset(store.row, store.row_stride, block, here);
  if (step != 1 || scatters) {
    // Lane by lane, in order: two lanes may meet in one place.
    const std::string lanes = take_name("values", here);
    std::string place = index(store.index, block);
    if (step == 1) place += " + lane";
    if (step != 0 && step != 1) place += fmt::format(" + lane * {}", step);
    line(fmt::format("alignas(64) {} {}[{}];", types.real, lanes, types.lanes));
    line(fmt::format("store({}, {});", lanes, text));
    const std::string each = fmt::format("for (int lane = 0; lane < {}; ++lane) ",
                                         is_partial(block) ? valid() : std::to_string(types.lanes));
    const std::string at = joined(place, row);
    line(each + (narrow ? fmt::format("store({} + {}, {}[lane]);", pointer(store.buffer), at, lanes)
                        : fmt::format("{}[{}] {} {}[lane];", pointer(store.buffer), at,
                                      store.accumulate ? "+=" : "=", lanes)));
    return;
  }
  const std::string place = joined(index(store.index, block), row);
  const std::string at =
      place == "0" ? pointer(store.buffer) : pointer(store.buffer) + " + " + place;
  const std::string stored =
      store.accumulate ? fmt::format("load<{}>({}) + {}", types.vector, at,
                                     value.binding == Written::kSum ? "(" + text + ")" : text)
                       : text;
  if (is_partial(block) && !facts_.stores_whole(store))
    line(fmt::format("store_first({}, {}, {});", at, stored, valid()));
  else
    line(fmt::format("store({}, {});", at, stored));
}

}  // namespace gradc::emit
