// The scalar outputs of a model, averaged over examples.
#pragma once

#include <gradc/app/dataset.h>
#include <gradc/app/instance.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gradc::app {

struct Average {
  std::string name;
  double value = 0;
};

struct Evaluation {
  std::int64_t examples = 0;
  std::vector<Average> averages;  // the loss first, if there is one, then by declaration
};

// Runs Model::evaluate over `split`, one example each evaluation_stride(), in batches as large as
// the model allows, and weighs each by its size. At most `limit` examples, spread evenly over the
// split; 0: all. Overwrites the inputs.
Evaluation evaluate(Instance& instance, const Dataset& dataset, Split split, std::int64_t limit,
                    core::Team& team);

}  // namespace gradc::app
