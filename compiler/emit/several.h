// several: kernels in files of their own, apart from the entries that call them.
//
// A file has the kernels of one target, or a part of them. Its functions are in a namespace that
// the model's source declares them in, of the target if there are several. The source then is
// compiled for any machine, picks a target where the program runs, and calls its functions through
// a table. Such a file defines nothing that a linker could share with those of other targets
// (core/targets.h).
#pragma once

#include <emit/emit.h>

#include <string>
#include <vector>

#include "emit/sections.h"

namespace gradc::emit {

// What a file of kernels has: those of a target, or the only one's if null, all or a part of them.
struct KernelsUnit {
  const NamedTarget* target = nullptr;
  std::size_t text = 0;  // of Function::texts
  int part = 0, parts = 1;
};

// One for each file; none if the model's source has the kernels itself.
std::vector<KernelsUnit> units_of_kernels(const Options& options);
std::string name_of(const KernelsUnit& unit);

// "::x86_64_v3": what the namespace of the target's kernels has behind that of the model.
std::string namespace_of(const KernelsUnit& unit);

// "-march=x86-64-v3": what its kernels are compiled with.
std::string march_of(const NamedTarget& target);

// The functions that files of kernels have, for the source that calls them: declarations, which
// are in the namespace of the model; and for several targets the choice among them.
std::string declare_kernels(const Sections& model, const Options& options);
std::string emit_pick(const Sections& model, const Options& options);

// In the function of an entry, where the caller can still be told that no target runs here: on the
// threads of a team nobody could.
inline constexpr const char* kPickFirst = "picked();\n";

// A preprocessor's error where a file is compiled for another target than it is for.
std::string guard_of_kernels(const Options& options, const KernelsUnit& unit);
std::string guard_of_callers(const Options& options);

// The code with functions of core for those of the standard library, of which a linker would keep
// one for all units.
std::string without_library_functions(std::string code);

}  // namespace gradc::emit
