// source: the files of kernels, entries and tables.
#pragma once

#include <emit/emit.h>

#include <span>
#include <string>

#include "emit/several.h"

namespace gradc::emit {

// The first line of a file, which is called `what`, and the empty one behind it.
std::string banner(const Options& options, const std::string& what);

// nplm.gen.cpp: entries and tables, and the kernels, if no other files have them.
std::string emit_source(std::span<const Sections> models, const Options& options);

// nplm.x86-64-v3.gen.cpp: kernels in a file of their own.
std::string emit_kernels_source(std::span<const Sections> models, const Options& options,
                                const KernelsUnit& unit);

}  // namespace gradc::emit
