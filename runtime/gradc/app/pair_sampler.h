// The command `sample` for models of the data set pairs.
#pragma once

#include <gradc/app/sampler.h>

namespace gradc::app {

// Prints the answer to the prompt, or to each line of standard input, as soon as it is known.
int sample_pairs(const core::Model& model, const SampleOptions& options);

}  // namespace gradc::app
