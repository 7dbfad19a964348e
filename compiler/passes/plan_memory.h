// plan_memory: a place in the arena for every buffer of a module's programs.
//
//   before   %x 4,096 bytes   %h 25,600 bytes, kernels 0 to 3   %t 8,192 bytes, kernels 5 to 6
//   after    %x at 0          %h at 4,096                       %t at 4,096
//
// The arena begins with the leaves, then the outputs, each at one offset in all programs. After
// them temporaries share what is left: two may overlap unless some kernel runs while both live,
// from the first kernel that touches a buffer to the last. No two programs run at once, so theirs
// overlap freely. Outputs of loss_only and gradient alone (the gradients) lie beyond everything
// that training needs, so that its arena need not hold them. Offsets are multiples of 64 bytes, and
// 64 bytes behind the last buffer may be read: a vector may reach beyond the end of a row.
//
// After lower, which sizes the buffers; before emit, which writes the offsets down.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>

namespace gradc::passes {

void plan_memory(ir::Module& module);

// Aborts unless every buffer has its place within the arena and no two live ones overlap.
void verify_memory(const ir::Module& module);

// A table for people: each buffer with its size, offset and life, the totals by kind, and what is
// alive where most is.
std::string print_memory(const ir::Module& module);

}  // namespace gradc::passes
