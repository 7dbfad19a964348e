// source: the files of kernels, entries and tables.
#pragma once

#include <emit/emit.h>
#include <ir/program.h>

#include <span>
#include <string>

namespace gradc::emit {

// The first line of a file, which is called `what`, and the empty one behind it.
std::string banner(const Options& options, const std::string& what);

// nplm.gen.cpp: entries and tables, and the kernels, if they are for one target.
std::string emit_source(std::span<const ir::Module> modules, const Options& options);

// nplm.x86-64-v3.gen.cpp: the kernels for one of several targets.
std::string emit_kernels_source(std::span<const ir::Module> modules, const Options& options,
                                const NamedTarget& target);

}  // namespace gradc::emit
