// What a bug of the compiler leaves behind: the models that were being compiled, as text.
//
//   gradc-opt gradc-bug-nplm.ir --emit=cpp     does what gradc did, without the model file
#pragma once

#include <gradc/build.h>

#include <vector>

namespace gradc::driver {

// From now on a CHECK that fails writes gradc-bug-NAME.ir, NAME being the first model's, to the
// working folder before the program aborts, and says so on the standard error. `models` must not be
// empty, and must outlive the compiler.
void leave_models_on_a_bug(const std::vector<Graph>& models);

}  // namespace gradc::driver
