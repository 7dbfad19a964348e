// The interpreter computes on ir::Real, as the constant folder does.
#pragma once

#include <ir/real.h>

namespace gradc::eval {

using ir::Real;

}  // namespace gradc::eval
