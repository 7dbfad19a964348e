// cost: what a kernel does and moves, counted from its text. Comments, tables and printers all show
// these figures.
#pragma once

#include <ir/program.h>

namespace gradc::ir {

// A quantity that grows with the batch.
struct Amount {
  double fixed = 0;
  double per_item = 0;

  double at(std::int64_t batch) const { return fixed + per_item * static_cast<double>(batch); }
  Amount& operator+=(const Amount& other) {
    fixed += other.fixed;
    per_item += other.per_item;
    return *this;
  }
};

struct Cost {
  Amount flop;         // of contractions, at useful positions; multiply and add count as two
  Amount products;     // multiply-adds of contractions, whole vectors of them, at all positions
  Amount calls;        // exp, tanh, a division: elementwise ops of tens of cycles, one a place
  Amount call_cycles;  // of these and of random numbers, as many as a vector of each takes
  Amount read;         // bytes; what is read twice counts once
  Amount written;      // bytes

  Amount bytes() const { return Amount(read) += written; }
};

Cost cost_of(const Program& program, const Kernel& kernel);

// Of a unit's kernel `i`. In a stream, what local buffers hand on costs no bytes, what is worked
// out again no useful FLOP, and of scores that are causal only those count that a query sees.
Cost cost_of(const Program& program, const Unit& unit, int i);
// Of all its kernels.
Cost cost_of(const Program& program, const Unit& unit);

// How often the loops over `axes` run together.
Amount places(const Program& program, const Kernel& kernel, const std::vector<int>& axes);

}  // namespace gradc::ir
