// A file of tiles that `gradc tune` has measured to be faster than the cost model's:
//
//   {
//     "tiles": {
//       "avx512 contract_tanh f32 [batch 32 x 200] over 30": {"rows": 8, "vectors": 2}
//     }
//   }
//
// A kernel that is not named there gets the cost model's tile, and a name that no kernel has does
// nothing: one file can serve several models and targets. No key is there twice.
#pragma once

#include <string>

#include "emit/emit.h"
#include "support/diagnostic.h"

namespace gradc::driver {

// What is wrong with the file is added to the diagnostics, with its place.
emit::Tuning read_tuning(const std::string& path, support::Diagnostics& diagnostics);

std::string tuning_text(const emit::Tuning& tuning);

}  // namespace gradc::driver
