// The graph passes as one list, and the loop that runs them.
#pragma once

#include <gradc/graph.h>

#include <functional>
#include <span>
#include <string_view>

namespace gradc::passes {

// A model has two forms: that of a training step, and that of evaluation and prediction.
enum class Form { kTraining, kOutside };

struct Pass {
  enum class When { kAlways, kTraining, kOutside, kOnRequest };
  const char* name;
  Graph (*run)(const Graph&);
  When when;        // for which form the pipeline runs it
  const char* why;  // why it stands where it stands
};

// In the order in which they run, those on request at the end.
std::span<const Pass> all_passes();

// The pass of that name, or null.
const Pass* find_pass(std::string_view name);

// Called after each pass.
struct Step {
  const Pass& pass;
  const Graph& before;
  const Graph& after;
  double seconds;
};
using Observer = std::function<void(const Step&)>;

// All passes for one form of a declared model. Every graph in between is verified; what a pass
// breaks is a bug of the compiler and aborts with its name.
Graph run(const Graph& declared, Form form, const Observer& observer = {});

}  // namespace gradc::passes
