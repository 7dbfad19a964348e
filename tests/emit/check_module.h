// Emitted kernels against what their program means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gradc/core/model.h"
#include "ir/program.h"

namespace gradc::emit_test {

// Runs the training step of a module made by Sketch, on random values, and compares every element
// of every buffer with eval::run_program; all bytes between the buffers must stay as they were, and
// any number of members must leave the same bits. Says what is wrong, or nothing.
std::string check(const ir::Module& module, const core::Model& model, std::int64_t batch,
                  std::uint64_t seed);

}  // namespace gradc::emit_test
