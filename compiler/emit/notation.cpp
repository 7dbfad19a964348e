#include "emit/notation.h"

#include "emit/facts.h"

#include <fmt/format.h>

#include <cmath>

namespace gradc::emit {
namespace {

class CodeNotation : public ir::Notation {
 public:
  CodeNotation(Element real, bool vector)
      : real_(real), type_(vector ? types_of(real).vector : types_of(real).real), vector_(vector) {}

  std::string number(double value) const override {
    const std::string text = literal(value, real_);
    return vector_ ? fmt::format("splat<{}>({})", type_, text) : text;
  }
  std::string cast(const std::string& index) const override {
    return fmt::format("cast<{}>({})", type_, index);
  }

 private:
  Element real_;
  const char* type_;
  bool vector_;
};

}  // namespace

std::string literal(double value, Element real) {
  const bool single = real != Element::kF64;
  const std::string limits = fmt::format("std::numeric_limits<{}>::", types_of(real).real);
  if (single) value = static_cast<float>(value);
  if (std::isnan(value)) return limits + "quiet_NaN()";
  if (std::isinf(value)) return (value < 0 ? "-" : "") + limits + "infinity()";
  std::string text = single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
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
