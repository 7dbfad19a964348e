// The command `sample` for models of the data set items.
#pragma once

#include <gradc/app/sampler.h>

namespace gradc::app {

// Prints one item a line, each from one boundary to the next or until the block is full.
int sample_items(const core::Model& model, const SampleOptions& options);

}  // namespace gradc::app
