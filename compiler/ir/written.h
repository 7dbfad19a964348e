// Written: an expression as text. The body of an elementwise op, applied to it, writes itself down.
//
//   const Written x = written("x", notation), y = written("y", notation);
//   apply(op_of<Mul>, {x + y, x})      // "(x + y) * x"
//
// Operators get the fewest parentheses that C++ needs. A Notation says how numbers and casts look:
// "0.5" in a formula for people, "splat<f32x16>(0.5f)" in vector code.
#pragma once

#include <gradc/dsl.h>

#include <span>
#include <string>

namespace gradc::ir {

// Must outlive what is written in it.
class Notation {
 public:
  virtual ~Notation() = default;
  virtual std::string number(double value) const = 0;
  virtual std::string cast(const std::string& index) const = 0;
  virtual bool says_what_is_fused() const = 0;
};

// Numbers as print.h prints them, casts not at all, and fma(a, b, c) as a * b + c.
const Notation& formula_notation();

struct Written {
  enum Binding { kAtom, kUnary, kProduct, kSum };  // how tightly its outermost operator binds

  const Notation* notation = nullptr;  // null: a number, written in the notation of what it meets
  std::string text;
  Binding binding = kAtom;
  double number = 0;

  Written() = default;
  Written(double value) : number(value) {}
  Written(int value) : number(value) {}
  Written(const Notation& its_notation, std::string its_text, Binding its_binding = kAtom)
      : notation(&its_notation), text(std::move(its_text)), binding(its_binding) {}

  // The text of a number or anything else.
  std::string in(const Notation& wanted) const { return notation ? text : wanted.number(number); }
};

Written operator-(const Written& x);
Written operator+(const Written& a, const Written& b);
Written operator-(const Written& a, const Written& b);
Written operator*(const Written& a, const Written& b);
Written operator/(const Written& a, const Written& b);

Written abs(const Written& x);
Written sqrt(const Written& x);
Written exp(const Written& x);
Written log(const Written& x);
Written tanh(const Written& x);
Written sigmoid(const Written& x);
Written erf(const Written& x);
Written sin(const Written& x);
Written cos(const Written& x);
Written round_to_bf16(const Written& x);
Written round_to_int8(const Written& x);
Written cast(const Written& x);
Written max(const Written& a, const Written& b);
Written min(const Written& a, const Written& b);
Written less(const Written& a, const Written& b);
Written less_equal(const Written& a, const Written& b);
Written equal(const Written& a, const Written& b);
Written select(const Written& mask, const Written& a, const Written& b);
Written fma(const Written& a, const Written& b, const Written& c);

// What the elementwise op `op` writes for operands; a bug for any other op.
Written apply(Op op, std::span<const Written> operands);

}  // namespace gradc::ir
