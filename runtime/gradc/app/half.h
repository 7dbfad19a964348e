// The 16-bit floats that files of weights hold: IEEE 754 binary16 (F16), and the upper half of
// binary32 (BF16).
#pragma once

#include <cstdint>

namespace gradc::app {

// Exact; a NaN stays one.
float from_f16(std::uint16_t bits);
float from_bf16(std::uint16_t bits);

// Rounded to nearest, ties to even; what is too large becomes infinite, a NaN stays one.
std::uint16_t to_f16(float value);
std::uint16_t to_bf16(float value);

}  // namespace gradc::app
