// streamed: the kernels of a stream, each for one tile.
//
//   kernel   S[b, h, i, j] = sum over d of q[b, h, i, d] * k[b, h, d, j]
//   tile     S[i, j] = sum over d of q[b, h, row + i, d] * k[b, h, d, j]     for given b, h and row
//
// with as many i as the tile has rows, S being local, and j up to where its last row sees if the
// stream is causal.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

namespace gradc::emit {

// Member `index` of the stream for one tile of `rows` rows, of which all keys count or, if
// `limited`, those up to a limit. Its fixed axes are the outer ones and the tile's first row, in
// this order.
ir::Kernel one_tile(const ir::Program& program, const ir::Stream& stream, std::size_t index,
                    std::int64_t rows, bool limited);

// Zeros for what member `index` adds up over the tiles, for given outer axes, its fixed ones.
ir::Kernel zeros_before(const ir::Program& program, const ir::Stream& stream, std::size_t index);

}  // namespace gradc::emit
