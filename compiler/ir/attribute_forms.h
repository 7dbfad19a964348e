// How the attributes of each op stand in text, once for the printer and the parser.
//
// An op that is not in the table has no attributes (all elementwise ops). Attributes that do not
// fit their form, which only an ill-formed graph has, are printed as plain lists: `ints [1, 2]
// value 3`.
#pragma once

#include <gradc/dsl.h>

namespace gradc::ir {

struct AttributeForm {
  enum class Layout {
    kNone,      //                            add %a %b
    kValue,     // the number `value`         constant 0.5
    kInteger,   // word, integer              scatter %g %i rows 27
    kList,      // word, list                 sum %x over [0, 2]
    kTwoLists,  // the halves of the list     slice %x from [0, 1] size [2, 3]
    kPairs,     // pairs of axes              contract %a %b over (1, 0) batch (0, 2)
  };
  Layout layout = Layout::kNone;
  const char* word = "";  // may be empty for a list
  const char* second = "";
};

constexpr AttributeForm attribute_form(Op op) {
  using enum AttributeForm::Layout;
  if (op == op_of<Constant>) return {kValue};
  if (op == op_of<Iota>) return {kInteger, "axis"};
  if (op == op_of<Random>) return {kInteger, "stream"};
  if (op == op_of<Scatter>) return {kInteger, "rows"};
  if (op == op_of<Sum> || op == op_of<Max>) return {kList, "over"};
  if (op == op_of<Broadcast> || op == op_of<Transpose>) return {kList};
  if (op == op_of<Slice>) return {kTwoLists, "from", "size"};
  if (op == op_of<Pad>) return {kTwoLists, "before", "after"};
  if (op == op_of<Contract>) return {kPairs, "over", "batch"};
  return {};
}

// Whether the shape rule of an op takes the type as given, so that text has to give it.
constexpr bool type_is_given(Op op) {
  return op == op_of<Iota> || op == op_of<Random> || op == op_of<Broadcast> || op == op_of<Reshape>;
}

// Whether `attributes` are what op's form can say.
constexpr bool fits_form(Op op, const Attributes& attributes) {
  using enum AttributeForm::Layout;
  const auto& ints = attributes.ints;
  const auto layout = attribute_form(op).layout;
  if (layout == kValue) return ints.empty();
  if (attributes.value != 0) return false;
  switch (layout) {
    case kNone:
      return ints.empty();
    case kInteger:
      return ints.size() == 1;
    case kTwoLists:
      return ints.size() % 2 == 0;
    case kPairs:
      if (ints.size() < 2 || ints[0] < 0 || ints[1] < 0 || ints[0] > kMaxRank || ints[1] > kMaxRank)
        return false;
      return ints.size() == 2 + 2 * (ints[0] + ints[1]);
    default:
      return true;
  }
}

// By Dataset::Kind.
inline constexpr const char* kDatasetWords[] = {"none", "lines", "items", "text",
                                                "csv",  "moons", "pairs"};

}  // namespace gradc::ir
