// The command `sample` for a model of text: what follows a prompt.
#pragma once

#include <gradc/app/sampler.h>
#include <gradc/core/model.h>

namespace gradc::app {

// Prints each text as it comes, the prompt first; one ends after `tokens` tokens, at the token that
// separates texts, or, without sliding, where the block is full. Draw i of text k depends on the
// seed, i and k alone.
int sample_text(const core::Model& model, const SampleOptions& options);

}  // namespace gradc::app
