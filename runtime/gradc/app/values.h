// Running a program without a command: what a model without inputs comes to.
#pragma once

#include <gradc/core/model.h>

namespace gradc::app {

// Prints each output and the gradient of the loss for each parameter.
void print_values(const core::Model& model);

}  // namespace gradc::app
