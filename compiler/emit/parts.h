// parts: the functions of kernels, dealt out to several files that are about equally long.
//
// A function stays with those that it calls, and with what else calls them, so that they need no
// name outside their file.
#pragma once

#include <vector>

#include "emit/sections.h"

namespace gradc::emit {

// Says of each function which of `parts` files it is in, from 0. With more parts than there are
// groups of functions, some stay empty.
void divide(std::vector<Sections>& models, int parts);

// How many files there should be for the sake of the time that compiling them takes.
int parts_that_pay(const std::vector<Sections>& models);

}  // namespace gradc::emit
