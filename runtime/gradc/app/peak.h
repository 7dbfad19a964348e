// What this machine can do at best, measured: the divisor of every share.
#pragma once

#include <gradc/core/team.h>

#include <cstdint>

namespace gradc::app {

// What is multiplied and added. kBf16: products of bf16 are added in f32, by the instruction that
// makes pairs of them; a machine without it does with them what it does with f32.
enum class Products : std::uint8_t { kF32, kF64, kBf16 };

const char* name_of(Products products);  // "bf16"

// Multiply-adds of all members of the team together, in FLOP/s, with the widest registers there
// are, whatever the model was compiled for. Takes some 20 milliseconds.
double measure_peak_flops(Products products, core::Team& team);

// Reading a block of `bytes` over and over, all members their share of it, in bytes/s: the speed of
// the cache that it fits, or of memory.
double measure_read_rate(std::int64_t bytes, core::Team& team);

// "avx512"
const char* widest_registers();

}  // namespace gradc::app
