// stream: kernels that make and use scores of all pairs (query, key) run tile by tile.
//
//   before   S = q k [b, h, i, j]   P = softmax(S) [b, h, i, j]   y = P v [b, h, i, d]
//            ... dS from P and dy v [b, h, i, j]   dq = dS k   dk = dS q   dv = P dy
//   after    stream 0: S, P, y      stream 1: S, P again, dS, dq, dk, dv
//            each for every (b, h) and some rows i at a time; S, P and dS are local
//
// So memory grows with the length of the sequence and not with its square. What a later stream
// needs of an earlier one's scores it works out again (Chen et al., 2016). Where the scores of keys
// behind the query count for nothing, a tile does not look at them (causal). Scores of so few keys
// that a vector holds them are kept.
#pragma once

#include "ir/program.h"

namespace gradc::passes {

void stream(ir::Program& program);

}  // namespace gradc::passes
