// kernel: one kernel as a function, with a comment that says what it does.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>

namespace gradc::emit {

// "k3_contract_bias_tanh": that of kernel `index`.
std::string kernel_function(const ir::Program& program, int index);

// The comment, the tile functions of a contraction, and
//   void k3_...(std::byte* arena, std::int64_t batch, int member, int members)
std::string emit_kernel(const ir::Program& program, int index, Target target);

}  // namespace gradc::emit
