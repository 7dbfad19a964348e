// run_program: what a Program means, one place after another, in double.
//
// Says nothing about lanes, tiles or threads, which may not change a result. Memory is one array of
// doubles for each buffer, with its padding; what has not been written is NaN, so that a value that
// is used too early, or padding that leaks into a result, shows.
#pragma once

#include <vector>

#include "eval/array.h"
#include "eval/interpret.h"
#include "ir/program.h"

namespace gradc::eval {

// By buffer: its elements, padding included.
using Memory = std::vector<std::vector<double>>;

// NaN everywhere but in the leaves, which get what `bindings` say.
Memory make_memory(const ir::Program& program, const Graph& graph, const Bindings& bindings);

void run_program(const ir::Program& program, const Bindings& bindings, Memory& memory);

// The tensor in a buffer at the running batch.
Array read_buffer(const ir::Program& program, const Memory& memory, int buffer, std::int64_t batch);

}  // namespace gradc::eval
