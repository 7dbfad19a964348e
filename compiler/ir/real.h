// Real: what the bodies of elementwise ops compute on in the interpreter and the constant folder.
//
// A body calls exp, less, select and so on without saying where they are; they are found here by
// the type of their argument. A new function that a body uses needs one line here.
#pragma once

#include <cmath>

namespace gradc::ir {

struct Real {
  double value;

  constexpr Real(double x) : value(x) {}

  friend Real operator-(Real x) { return -x.value; }
  friend Real operator+(Real a, Real b) { return a.value + b.value; }
  friend Real operator-(Real a, Real b) { return a.value - b.value; }
  friend Real operator*(Real a, Real b) { return a.value * b.value; }
  friend Real operator/(Real a, Real b) { return a.value / b.value; }

  friend Real abs(Real x) { return std::fabs(x.value); }
  friend Real sqrt(Real x) { return std::sqrt(x.value); }
  friend Real exp(Real x) { return std::exp(x.value); }
  friend Real log(Real x) { return std::log(x.value); }
  friend Real tanh(Real x) { return std::tanh(x.value); }
  friend Real erf(Real x) { return std::erf(x.value); }
  friend Real sin(Real x) { return std::sin(x.value); }
  friend Real cos(Real x) { return std::cos(x.value); }
  // Either form is exact where it is used: neither exp overflows.
  friend Real sigmoid(Real x) {
    if (x.value >= 0) return 1 / (1 + std::exp(-x.value));
    const double e = std::exp(x.value);
    return e / (1 + e);
  }

  // In double, of which f32 is a part: what is rounded once only.
  friend Real round_to_bf16(Real x) {
    constexpr int kSignificant = 8, kLeast = -126;
    if (!std::isfinite(x.value)) return x;
    if (std::fabs(x.value) < std::ldexp(1.0, kLeast)) return std::copysign(0.0, x.value);
    const int exponent = std::ilogb(x.value) - (kSignificant - 1);
    const double rounded = std::ldexp(std::nearbyint(std::ldexp(x.value, -exponent)), exponent);
    return std::fabs(rounded) < std::ldexp(1.0, 128) ? rounded : std::copysign(HUGE_VAL, x.value);
  }
  friend Real round_to_int8(Real x) {
    if (std::isnan(x.value)) return 0;
    return std::nearbyint(std::fmin(std::fmax(x.value, -127), 127)) + 0.0;  // never -0
  }

  // A NaN compares false, so max(a, NaN) = a and max(NaN, b) = NaN.
  friend Real max(Real a, Real b) { return a.value < b.value ? b : a; }
  friend Real min(Real a, Real b) { return a.value < b.value ? a : b; }
  friend Real less(Real a, Real b) { return a.value < b.value ? 1 : 0; }
  friend Real less_equal(Real a, Real b) { return a.value <= b.value ? 1 : 0; }
  friend Real equal(Real a, Real b) { return a.value == b.value ? 1 : 0; }
  friend Real select(Real mask, Real a, Real b) { return mask.value != 0 ? a : b; }
  friend Real fma(Real a, Real b, Real c) { return std::fma(a.value, b.value, c.value); }
  friend Real cast(Real x) { return x; }
};

}  // namespace gradc::ir
