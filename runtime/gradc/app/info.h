// The command `info`.
#pragma once

#include <gradc/core/model.h>

namespace gradc::app {

int info(const core::Model& model, bool json);

}  // namespace gradc::app
