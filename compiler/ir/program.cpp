#include "ir/program.h"

#include <gradc/dsl.h>

#include <algorithm>

#include "ir/access.h"

namespace gradc::ir {

Element rounded_element(Op op) {
  if (op == op_of<RoundToBf16>) return Element::kBf16;
  return op == op_of<RoundToInt8> ? Element::kInt8 : Element::kF32;
}

std::int64_t Affine::coefficient(int axis) const {
  for (const Term& term : terms)
    if (term.axis == axis) return term.coefficient;
  return 0;
}

void Affine::add(int axis, std::int64_t coefficient) {
  const auto at = std::lower_bound(terms.begin(), terms.end(), axis,
                                   [](const Term& term, int wanted) { return term.axis < wanted; });
  if (at == terms.end() || at->axis != axis) {
    if (coefficient != 0) terms.insert(at, {axis, coefficient});
  } else if ((at->coefficient += coefficient) == 0) {
    terms.erase(at);
  }
}

void Affine::add(const Affine& other, std::int64_t times) {
  for (const Term& term : other.terms) add(term.axis, term.coefficient * times);
  offset += other.offset * times;
}

std::int64_t local_elements(const Program& program, const Stream& stream, int buffer) {
  std::int64_t row = 0;
  for (std::size_t i = 0; i < stream.members.size(); ++i)
    each_access(program.kernels[static_cast<std::size_t>(stream.first) + i],
                [&](int b, const Affine& index, int, bool) {
                  if (b == buffer) row = index.coefficient(stream.members[i].tile);
                });
  return row * stream.tile;
}

std::vector<Unit> units_of(const Program& program) {
  std::vector<Unit> units;
  auto stream = program.streams.begin();
  for (int at = 0; at < static_cast<int>(program.kernels.size());) {
    Unit unit{.first = at};
    if (stream != program.streams.end() && stream->first == at) {
      unit.count = static_cast<int>(stream->members.size());
      unit.stream = &*stream++;
    }
    at += unit.count;
    units.push_back(unit);
  }
  return units;
}

}  // namespace gradc::ir
