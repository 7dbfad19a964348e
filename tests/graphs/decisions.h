// decisions: which of its decisions about fusion and layout the compiler has taken for a model,
// seen by looking at what it has made.
//
//   Tally tally = all_decisions();
//   for (const Subject& subject : subjects) count_decisions(subject.entries, subject.module,
//   tally); tally.print(std::cout);
//
// They are those of docs/kernels.md: which values are stored and which loops become one kernel, how
// values lie in memory and in lanes, and how kernels are written (kernel_decisions.h).
#pragma once

#include "graphs/tally.h"
#include "ir/program.h"
#include "passes/entries.h"

namespace gradc::graphs {

// None of them taken.
Tally all_decisions();

// Adds those taken for training, evaluation and gradients.
void count_decisions(const passes::Entries& entries, const ir::Module& module, Tally& tally);

}  // namespace gradc::graphs
