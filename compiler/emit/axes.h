// axes: kernels whose loops are written down better with other axes. What they compute stays.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

namespace gradc::emit {

// The kernel in the form that the emitters of its kind want.
ir::Kernel with_better_axes(const ir::Kernel& kernel);

// Of a contraction: adjacent axes of m, n or k that every address takes as one are one.
//   x[b, c, e] with c < 3, e < 10 in row-major order   becomes   x[b, j] with j < 30
ir::Kernel merge_axes(const ir::Kernel& kernel);

// Of a map: adjacent axes of the rows that every address takes as one are one, so that few lanes
// become many. The batch stays apart from the lanes.
//   y[l, j, k] = x[j, k, l] over l, j < 4, k < 4    becomes   y[l, i] = x[i, l] with i < 16
ir::Kernel merge_rows(const ir::Kernel& kernel);

// Of a nest whose lanes lie inside its rows: the innermost axis of a stage that has no lanes is
// renamed to the lane axis, where it is as long.
//   y[k, l] = 0 over k, l; z[i, j] over i, j, lanes j    becomes   y[k, j] = 0 over k, j; ...
ir::Kernel share_lanes(const ir::Kernel& kernel);

}  // namespace gradc::emit
