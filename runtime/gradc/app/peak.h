// What this machine can do at best, measured: the divisor of every share.
#pragma once

#include <gradc/core/model.h>
#include <gradc/core/team.h>

#include <cstdint>

namespace gradc::app {

// Multiply-adds of all members of the team together, in FLOP/s, with the widest registers there
// are, whatever the model was compiled for. Takes some 20 milliseconds.
double measure_peak_flops(core::Element element, core::Team& team);

// Reading a block of `bytes` over and over, all members their share of it, in bytes/s: the speed of
// the cache that it fits, or of memory.
double measure_read_rate(std::int64_t bytes, core::Team& team);

// "avx512"
const char* widest_registers();

}  // namespace gradc::app
