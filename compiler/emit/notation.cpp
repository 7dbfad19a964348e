#include "emit/notation.h"

#include <fmt/format.h>

#include <cmath>

#include "emit/facts.h"

namespace gradc::emit {
namespace {

class CodeNotation : public ir::Notation {
 public:
  CodeNotation(Element real, bool vector)
      : real_(real), type_(vector ? types_of(real).vector : types_of(real).real), vector_(vector) {}

  std::string number(double value) const override {
    if (!vector_) return literal(value, real_);
    // A whole number needs no suffix to become an element of the vector.
    const bool whole = std::abs(value) < 1000 && value == std::trunc(value) &&
                       !(value == 0 && std::signbit(value));
    return fmt::format("splat<{}>({})", type_,
                       whole ? fmt::format("{:.0f}", value) : literal(value, real_));
  }
  std::string cast(const std::string& index) const override {
    return fmt::format("cast<{}>({})", type_, index);
  }
  bool says_what_is_fused() const override { return true; }

 private:
  Element real_;
  const char* type_;
  bool vector_;
};

}  // namespace

std::string literal(double value, Element real) {
  const bool single = real != Element::kF64;
  if (single) value = static_cast<float>(value);
  if (std::isnan(value))
    return fmt::format("std::numeric_limits<{}>::quiet_NaN()", types_of(real).real);
  if (std::isinf(value))
    return fmt::format("{}{}", value < 0 ? "-" : "", single ? "kInfinity" : "kInfinity64");
  std::string text =
      single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return single ? text + "f" : text;
}

const ir::Notation& code_notation(Element real, bool vector) {
  static const CodeNotation f32(Element::kF32, false), f32_vector(Element::kF32, true);
  static const CodeNotation f64(Element::kF64, false), f64_vector(Element::kF64, true);
  if (real == Element::kF64) return vector ? f64_vector : f64;
  return vector ? f32_vector : f32;
}

}  // namespace gradc::emit
