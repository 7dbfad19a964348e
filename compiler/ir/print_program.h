// print_program: a Program as text, for people.
//
//   kernel 2  contract + bias + tanh  (nplm.cpp:15)
//     for b < batch, j < 200:  h[b, j] = tanh(bias[j] + sum over i < 30 of x[b, i] * w[i, j])
//     384,000 FLOP, 6,400 calls, 33,380 bytes in, 25,600 out, about 18,000 cycles
#pragma once

#include <ir/program.h>

#include <string>
#include <vector>

namespace gradc::ir {

// With what each kernel counts and takes at the largest batch; memory is planned.
std::string print(const Program& program);

// One kernel's nest as formulas, a line each.
std::vector<std::string> formulas(const Program& program, const Kernel& kernel);

// What each axis of a kernel is called in formulas and in code: its own name if that is short, else
// a letter that is neither another axis nor a buffer of the kernel.
std::vector<std::string> axis_names(const Program& program, const Kernel& kernel);

// "nplm.cpp:15": the file's name without folders. Empty for no place.
std::string place_of(const Program& program, const Location& location);

// "h[batch=32, hidden=200]"
std::string describe(const Buffer& buffer);

// "384,000"
std::string grouped(double count);

}  // namespace gradc::ir
