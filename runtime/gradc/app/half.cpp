#include <gradc/app/half.h>

#include <bit>
#include <cmath>

namespace gradc::app {
namespace {

constexpr std::uint32_t kSign16 = 0x8000;
constexpr std::uint32_t kInfinity16 = 0x7C00;
constexpr std::uint32_t kInfinity32 = 0x7F800000;
constexpr std::uint32_t kQuietBit32 = 0x00400000;

// Halfway between the largest finite F16 and the next power of two.
constexpr float kOverflow16 = 65520;
constexpr float kSmallestNormal16 = 0x1p-14F;

// `bits` without its last `drop` bits, rounded to nearest even.
std::uint32_t rounded(std::uint32_t bits, int drop) {
  const std::uint32_t half = std::uint32_t{1} << (drop - 1);
  return (bits + half - 1 + (bits >> drop & 1)) >> drop;
}

}  // namespace

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & kSign16) << 16;
  const std::uint32_t rest = bits & ~kSign16;
  if (rest >= kInfinity16) return std::bit_cast<float>(sign | kInfinity32 | (rest & 0x3FF) << 13);
  // A significand of 10 bits and the exponent's bias of 15, as a binary32 has 23 and 127.
  const float magnitude = rest < 0x400 ? static_cast<float>(rest) * 0x1p-24F
                                       : std::bit_cast<float>((rest << 13) + ((127u - 15) << 23));
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & kSign16;
  const float magnitude = std::fabs(value);
  std::uint32_t rest;
  if (std::isnan(value)) {
    rest = kInfinity16 | 0x200;
  } else if (magnitude >= kOverflow16) {
    rest = kInfinity16;
  } else if (magnitude < kSmallestNormal16) {
    // A multiple of 2^-24; adding 0.5 leaves just those bits of it, rounded.
    rest = std::bit_cast<std::uint32_t>(magnitude + 0.5F) - std::bit_cast<std::uint32_t>(0.5F);
  } else {
    rest = rounded((bits & 0x7FFFFFFF) - ((127u - 15) << 23), 13);
  }
  return static_cast<std::uint16_t>(sign | rest);
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits | kQuietBit32) >> 16);
  return static_cast<std::uint16_t>(rounded(bits, 16));
}

}  // namespace gradc::app
