// Programs of map-reduce nests, by the extents of their lanes.
#pragma once

#include <string>

#include "ir/program.h"

namespace gradc::emit_test {

// A map, a softmax, and both into rows without padding, norms of rows within rows: lanes along `n`
// columns.
ir::Module row_module(const std::string& name, Element real, std::int64_t n,
                      std::int64_t max_batch = 3);

// Gradients of a cross-entropy, column sums with an update in place, gather and scatter, transposed
// loads and stores: lanes along `n` columns.
ir::Module column_module(const std::string& name, Element real, std::int64_t n,
                         std::int64_t max_batch = 5);

// Lanes along the batch: maps, sums, loads and stores by lane.
ir::Module batch_module(const std::string& name, Element real, std::int64_t max_batch);

}  // namespace gradc::emit_test
