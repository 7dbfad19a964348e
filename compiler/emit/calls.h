// calls: an entry as the list of its kernels, each a row that says what is called with what.
#pragma once

#include <string>

#include "emit/sections.h"

namespace gradc::emit {

// The namespace of an entry, with its kernels and the function that runs them all.
std::string emit_entry(const Section& section, const Entry& entry, const Options& options);

// The function that those of all entries call.
std::string run_kernels_helper();

}  // namespace gradc::emit
