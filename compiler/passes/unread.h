// unread: what a program works out for nobody is taken out of it.
#pragma once

#include "ir/program.h"

namespace gradc::passes {

// Of a kernel, the values and reductions that none of its stores needs, and stages without any.
void drop_unread(ir::Kernel& kernel);

// Of a program, also the temporaries that nothing kept reads, and kernels that store nothing else.
void drop_unread(ir::Program& program);

}  // namespace gradc::passes
