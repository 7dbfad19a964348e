// function_text: what a kernel does as a function.
//
//   GRADC_KERNEL void tanh_(std::byte* arena, const std::int64_t* operands, std::int64_t batch,
//                           int member, int members) {
//     const float* x = at<float>(arena, operands[0]);
//     float* y = at<float>(arena, operands[1]);
//     ...
//
// One tile of a stream takes the pointers themselves, for some are to what the stream keeps.
#pragma once

#include <emit/emit.h>
#include <ir/program.h>

#include <string>

#include "emit/alone.h"

namespace gradc::emit {

// Stands for the name of a function, which is not known before its text is.
inline constexpr char kUnnamed[] = "@";

// A kernel alone, which its program calls `kernel_name`, with the functions that compute its tiles.
std::string function_text(const Alone& one, const std::string& kernel_name, Target target,
                          const Tuning& tuning);

// Whether a kernel, of a decoder, needs the present position: behind its other operands.
bool asks_position(const ir::Kernel& kernel);

// A function that kernels call, with that code; `kernel` is, or is the first of, what it does.
// `operands`: how many it takes before the position.
std::string called_function(const ir::Kernel& kernel, std::size_t operands,
                            const std::string& code);

// The line that makes operand `index` a pointer to `name`, or to the number of a random stream.
std::string pointer_operand(std::size_t index, const ir::Buffer& buffer, bool stored,
                            const std::string& name);
std::string stream_operand(std::size_t index, const std::string& name);

}  // namespace gradc::emit
