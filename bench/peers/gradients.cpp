// The loss and gradients that a generated model gives for values from outside, so that they can be
// compared before anything is timed. Compiled once for each MODEL.
//
//   in    BATCH, then each parameter and input: a line NAME COUNT, then so many doubles as they lie
//   in memory out   the same for the loss, of one double, and the gradient of each parameter
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
    std::cin.ignore();
    std::vector<double> values(count);
    std::cin.read(reinterpret_cast<char*>(values.data()),
                  static_cast<std::streamsize>(count * sizeof(double)));
    const gradc::core::TensorInfo* tensor = runner.find(Role::kParameter, name);
    if (tensor == nullptr) tensor = runner.find(Role::kInput, name);
    if (tensor == nullptr) {
      std::fprintf(stderr, "%s has no parameter or input %s\n", runner.model().name, name.c_str());
      return 1;
    }
    runner.write(*tensor, values, batch);
  }
  runner.run(runner.model().gradient, batch);
  const auto say = [](const char* name, const std::vector<double>& values) {
    std::printf("%s %zu\n", name, values.size());
    std::fwrite(values.data(), sizeof(double), values.size(), stdout);
  };
  say("loss", {runner.read_scalar(runner.model().tensors[runner.model().loss])});
  for (const gradc::core::TensorInfo& tensor : runner.model().tensors)
    if (tensor.role == Role::kGradient) say(tensor.name, runner.read(tensor, batch));
}
