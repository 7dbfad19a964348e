// Which of the targets that a program's kernels are compiled for runs them.
//
// The kernels of each target are translation units of their own, compiled with its -march. What
// includes this file is compiled for any machine (-march=x86-64): it has to run where a target does
// not. No body of an inline function is shared between the two. Units of kernels include none of
// Team and Arena, the rest of core is in the inline namespace of its instruction set (target.h),
// and they call no function of the standard library. Otherwise the linker, which keeps one body for
// all units, could take the one with instructions that this machine does not have.
#pragma once

#include <gradc/core/model.h>

#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gradc::core {

// The kernels of a model for one target.
struct TargetKernels {
  const char* target;  // "x86-64-v3"
  const KernelFunction* kernels;
};

// The variable of the environment that names the target to run.
inline constexpr char kTargetVariable[] = "GRADC_TARGET";

// Whether this machine, and its system, run code that is compiled for the target.
inline bool runs_here(std::string_view target) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (target == "x86-64-v4") return __builtin_cpu_supports("x86-64-v4") != 0;
  if (target == "x86-64-v3") return __builtin_cpu_supports("x86-64-v3") != 0;
#endif
  return target == "generic";
}

// The first of `targets`, best first, that `runs`; or the one that is `wanted`, unless that is null
// or empty. Throws a std::invalid_argument if the wanted one is not among them or does not run, and
// a std::runtime_error if none does.
inline const TargetKernels& pick_target(std::span<const TargetKernels> targets, const char* wanted,
                                        bool (*runs)(std::string_view target)) {
  const bool any = wanted == nullptr || *wanted == '\0';
  std::string names;
  for (const TargetKernels& each : targets) {
    const bool named = !any && std::string_view(each.target) == wanted;
    if ((any || named) && runs(each.target)) return each;
    if (named)
      throw std::invalid_argument(std::string(kTargetVariable) + ": this machine does not run " +
                                  wanted);
    names += (names.empty() ? "" : ", ") + std::string(each.target);
  }
  if (!any)
    throw std::invalid_argument(std::string(kTargetVariable) + ": expected one of " + names +
                                ", found \"" + wanted + "\"");
  throw std::runtime_error(
      "this machine runs none of the targets that the program is compiled for: " + names);
}

// The same, for this machine and what the environment wants.
inline const TargetKernels& pick_target(std::span<const TargetKernels> targets) {
  return pick_target(targets, std::getenv(kTargetVariable), runs_here);
}

}  // namespace gradc::core
