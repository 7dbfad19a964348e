#include "ir/program.h"

#include <gradc/dsl.h>

#include <algorithm>

namespace gradc::ir {

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

}  // namespace gradc::ir
