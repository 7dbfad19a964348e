// Inputs for a run that needs some, whatever they mean: `bench` and `check`.
#pragma once

#include <gradc/app/instance.h>

#include <cstdint>

namespace gradc::app {

// Classes are drawn uniformly, of a "length" those from 1; a "label" of real numbers is -1 or 1;
// other reals have mean 0 and variance 1. All are exact in f32, and the same for any model with
// inputs of the same names and shapes.
void fill_random_inputs(Instance& instance, std::uint64_t seed);

}  // namespace gradc::app
