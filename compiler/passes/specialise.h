// specialise: a model as it is while training, or as it is outside.
//
//   before   %1 = training %batch_mean %running_mean   %2 = sub %x %1
//   after    %2 = sub %x %batch_mean        training
//            %2 = sub %x %running_mean      outside
//
// Exact: no bit changes. After differentiate, for a gradient may be taken with respect to a
// `training` node and both forms share its sweeps; before simplify, which knows no `training`.
#pragma once

#include <gradc/graph.h>

namespace gradc::passes {

Graph specialise(const Graph& graph, bool training);

}  // namespace gradc::passes
