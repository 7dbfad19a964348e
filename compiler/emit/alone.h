// alone: one kernel as a program of its own, with nothing in it that tells where it stands.
//
//   h/3/mlp/c_fc/weight, tanh412 of a model       mlp_c_fc_weight, tanh of its own
//   random stream 37                              stream 0 of those that it draws from
//
// Kernels that do the same for different buffers and random streams become equal, so that what is
// emitted for one serves all of them.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>
#include <vector>

namespace gradc::emit {

struct Alone {
  ir::Program program;       // one kernel, and the buffers it uses, under names fit for C++
  std::vector<int> buffers;  // which of the whole program's each of these is
  std::vector<int> streams;  // likewise, of the random streams
};

// The parameter that says which random stream number `index` of a kernel alone is.
std::string stream_name(int index);

// A name for a buffer that those of equal layers share; not yet one of C++.
std::string general_name(const ir::Buffer& buffer);

Alone alone(const ir::Program& program, const ir::Kernel& kernel);

}  // namespace gradc::emit
