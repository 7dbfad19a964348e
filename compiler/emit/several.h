// several: a program with kernels for several targets, which picks one of them where it runs.
//
// The kernels of a target are a translation unit of their own, which defines one table with the
// name of the target in it, and nothing else that a linker could share with other units
// (core/targets.h). The source with the entries is compiled for any machine, and goes through the
// table of the target that it picked.
#pragma once

#include <emit/emit.h>

#include <cstddef>
#include <string>
#include <vector>

namespace gradc::emit {

// "x86_64_v3": the namespace of the target's kernels.
std::string namespace_of(const NamedTarget& target);

// "-march=x86-64-v3": what its kernels are compiled with.
std::string march_of(const NamedTarget& target);

// The table of all kernels of a model, in the unit of a target.
std::string emit_kernel_table(const std::vector<std::string>& functions);

// These tables of all targets, and the choice among them.
std::string declare_kernels(const Options& options);
std::string emit_pick(const Options& options);

// In the function of an entry, where the caller can still be told that no target runs here: on the
// threads of a team nobody could.
inline constexpr const char* kPickFirst = "picked();\n";

// The function of a kernel that calls number `index` of the target's table.
std::string call_of_kernel(const std::string& function, std::size_t index);

// A preprocessor's error where a unit is compiled for another target than it is for.
std::string guard_of_kernels(const Options& options, const NamedTarget& target);
std::string guard_of_callers(const Options& options);

// The code with functions of core for those of the standard library, of which a linker would keep
// one for all units.
std::string without_library_functions(std::string code);

}  // namespace gradc::emit
