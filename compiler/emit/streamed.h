// streamed: the kernels of a stream, each for one tile.
//
//   kernel   S[b, h, i, j] = sum over d of q[b, h, i, d] * k[b, h, d, j]
//   tile     S[i, j] = sum over d of q[b, h, row + i, d] * k[b, h, d, j]     for given b, h and row
//
// with as many i as the stream's tiles have rows, S being local, and j up to where the tile's last
// row sees if the stream is causal.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

namespace gradc::emit {

// Member `index` of the stream for one tile. Its fixed axes are the outer ones and the tile's first
// row, in this order.
ir::Kernel one_tile(const ir::Program& program, const ir::Stream& stream, std::size_t index);

// Zeros for what member `index` adds up over the tiles, for given outer axes, its fixed ones.
ir::Kernel zeros_before(const ir::Program& program, const ir::Stream& stream, std::size_t index);

// Whether a causal stream can leave out what a tile does not see: that has to be whole vectors.
bool leaves_out(const ir::Program& program, const ir::Stream& stream);

}  // namespace gradc::emit
