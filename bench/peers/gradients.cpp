// The loss and gradients that a generated model gives for values from outside, so that they can be
// compared before anything is timed. Compiled once for each MODEL.
//
//   in    BATCH, then for each parameter and input: NAME COUNT VALUE...
//   out   "loss" VALUE, then for each parameter: NAME COUNT VALUE...
#include <cstdio>
#include <iostream>
#include <string>

#include "models/runner.h"

#define GRADC_QUOTED(x) #x
#define GRADC_HEADER(name) GRADC_QUOTED(name.gen.h)
#include GRADC_HEADER(MODEL)

int main() {
  using gradc::core::Role;
  gradc::test::Runner runner(MODEL::kModel);
  std::int64_t batch = 0;
  std::cin >> batch;
  for (std::string name; std::cin >> name;) {
    std::size_t count = 0;
    std::cin >> count;
    std::vector<double> values(count);
    for (double& value : values) std::cin >> value;
    const gradc::core::TensorInfo* tensor = runner.find(Role::kParameter, name);
    if (tensor == nullptr) tensor = runner.find(Role::kInput, name);
    if (tensor == nullptr) {
      std::fprintf(stderr, "%s has no parameter or input %s\n", runner.model().name, name.c_str());
      return 1;
    }
    runner.write(*tensor, values, batch);
  }
  runner.run(runner.model().gradient, batch);
  const gradc::core::TensorInfo& loss = runner.model().tensors[runner.model().loss];
  std::printf("loss %.17g\n", runner.read_scalar(loss));
  for (const gradc::core::TensorInfo& tensor : runner.model().tensors) {
    if (tensor.role != Role::kGradient) continue;
    const std::vector<double> values = runner.read(tensor, batch);
    std::printf("%s %zu", tensor.name, values.size());
    for (const double value : values) std::printf(" %.9g", value);
    std::printf("\n");
  }
}
