// Composites: patterns of several ops that the compiler recognises, and that ops chosen one by one
// do not make.
#pragma once

#include <graphs/pool.h>

namespace gradc::graphs {

// One of them, of tensors of the pool.
void add_composite(Pool& pool);

// A contraction with an operand that fills a cache, or attention whose scores do.
void add_large(Pool& pool);

}  // namespace gradc::graphs
