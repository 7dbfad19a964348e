// Complaints as a terminal shows them: Clang's way, with the line of the source and a caret.
//
//   models/nplm.cpp:14:30: error: matmul contracts dimensions of different size: hidden=200 and 300
//      14 |     const Tensor h = tanh(matmul(x, w));
//         |                           ^
#pragma once

#include <string>

#include "support/diagnostic.h"

namespace gradc::driver {

// `color`: with escape sequences. Reads the files that are named.
std::string show(const support::Diagnostics& diagnostics, bool color);

// Whether a stream of the process (1, 2) is a terminal that wants colours. Honours NO_COLOR.
bool wants_color(int stream);

}  // namespace gradc::driver
