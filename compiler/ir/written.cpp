#include "ir/written.h"

#include <initializer_list>
#include <optional>

#include "ir/print.h"
#include "ir/visit.h"
#include "support/check.h"

namespace gradc::ir {
namespace {

class FormulaNotation : public Notation {
 public:
  std::string number(double value) const override { return print_number(value); }
  std::string cast(const std::string& index) const override { return index; }
  bool says_what_is_fused() const override { return false; }
};

const Notation& common_notation(std::initializer_list<const Written*> operands) {
  for (const Written* operand : operands)
    if (operand->notation != nullptr) return *operand->notation;
  return formula_notation();
}

std::string wrapped(const Written& x, const Notation& notation, Written::Binding loosest) {
  const std::string text = x.in(notation);
  return x.binding <= loosest ? text : "(" + text + ")";
}

// Left-associative: of two operators that bind alike, the right one needs parentheses. Floating
// point is not associative, so a + (b + c) keeps its own.
Written binary(const Written& a, const char* sign, const Written& b, Written::Binding binding) {
  const Notation& notation = common_notation({&a, &b});
  const auto tighter = static_cast<Written::Binding>(binding - 1);
  return {notation, wrapped(a, notation, binding) + sign + wrapped(b, notation, tighter), binding};
}

Written call(const char* name, std::initializer_list<const Written*> arguments) {
  const Notation& notation = common_notation(arguments);
  std::string text = name;
  const char* separator = "(";
  for (const Written* argument : arguments) {
    text += separator + argument->in(notation);
    separator = ", ";
  }
  return {notation, text + ")"};
}

// x of "-x".
std::optional<Written> without_sign(const Written& x) {
  if (x.notation == nullptr) return x.number < 0 ? std::optional(Written(-x.number)) : std::nullopt;
  if (x.binding != Written::kUnary) return std::nullopt;
  return Written(*x.notation, x.text.substr(1));
}

}  // namespace

const Notation& formula_notation() {
  static const FormulaNotation notation;
  return notation;
}

Written operator-(const Written& x) {
  const Notation& notation = common_notation({&x});
  // "--x" would be another operator.
  return {notation, "-" + wrapped(x, notation, Written::kAtom), Written::kUnary};
}
Written operator+(const Written& a, const Written& b) { return binary(a, " + ", b, Written::kSum); }
Written operator-(const Written& a, const Written& b) { return binary(a, " - ", b, Written::kSum); }
Written operator*(const Written& a, const Written& b) {
  return binary(a, " * ", b, Written::kProduct);
}
Written operator/(const Written& a, const Written& b) {
  return binary(a, " / ", b, Written::kProduct);
}

Written abs(const Written& x) { return call("abs", {&x}); }
Written sqrt(const Written& x) { return call("sqrt", {&x}); }
Written exp(const Written& x) { return call("exp", {&x}); }
Written log(const Written& x) { return call("log", {&x}); }
Written tanh(const Written& x) { return call("tanh", {&x}); }
Written sigmoid(const Written& x) { return call("sigmoid", {&x}); }
Written erf(const Written& x) { return call("erf", {&x}); }
Written sin(const Written& x) { return call("sin", {&x}); }
Written cos(const Written& x) { return call("cos", {&x}); }
Written round_to_bf16(const Written& x) { return call("round_to_bf16", {&x}); }
Written round_to_int8(const Written& x) { return call("round_to_int8", {&x}); }
Written cast(const Written& x) {
  const Notation& notation = common_notation({&x});
  return {notation, notation.cast(x.in(notation)), x.binding};
}
Written max(const Written& a, const Written& b) { return call("max", {&a, &b}); }
Written min(const Written& a, const Written& b) { return call("min", {&a, &b}); }
Written less(const Written& a, const Written& b) { return call("less", {&a, &b}); }
Written less_equal(const Written& a, const Written& b) { return call("less_equal", {&a, &b}); }
Written equal(const Written& a, const Written& b) { return call("equal", {&a, &b}); }
Written select(const Written& mask, const Written& a, const Written& b) {
  return call("select", {&mask, &a, &b});
}
Written fma(const Written& a, const Written& b, const Written& c) {
  if (common_notation({&a, &b, &c}).says_what_is_fused()) return call("fma", {&a, &b, &c});
  if (const std::optional<Written> negative = without_sign(a)) return c - *negative * b;
  if (const std::optional<Written> negative = without_sign(b)) return c - a * *negative;
  if (const std::optional<Written> negative = without_sign(c)) return a * b - *negative;
  return a * b + c;
}

Written apply(Op op, std::span<const Written> operands) {
  return visit(op, [&]<class Block>() -> Written {
    if constexpr (kHasBody<Block>) {
      CHECK(static_cast<int>(operands.size()) == Block::arity, Block::name);
      if constexpr (Block::arity == 1) return Block::body(operands[0]);
      if constexpr (Block::arity == 2) return Block::body(operands[0], operands[1]);
      if constexpr (Block::arity == 3) return Block::body(operands[0], operands[1], operands[2]);
    } else {
      CHECK(false, std::string(Block::name) + " is not elementwise");
    }
    return {};
  });
}

}  // namespace gradc::ir
