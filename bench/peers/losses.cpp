// The losses of a generated model in training, on values and batches from outside, so that a whole
// training can be compared. Compiled once for each MODEL.
//
//   in    BATCH STEPS, then each parameter, then for each step each input: a line NAME COUNT and so
//         many doubles
//   out   a loss a line
#include <cstdio>
#include <iostream>
#include <string>

#include "models/runner.h"

#define GRADC_QUOTED(x) #x
#define GRADC_HEADER(name) GRADC_QUOTED(name.gen.h)
#include GRADC_HEADER(MODEL)

namespace {

using gradc::core::Role;

void read_tensors(gradc::test::Runner& runner, Role role, std::int64_t batch) {
  std::size_t left = 0;
  for (const gradc::core::TensorInfo& tensor : runner.model().tensors)
    left += tensor.role == role ? 1 : 0;
  for (; left > 0; --left) {
    std::string name;
    std::size_t count = 0;
    std::cin >> name >> count;
    std::cin.ignore();
    std::vector<double> values(count);
    std::cin.read(reinterpret_cast<char*>(values.data()),
                  static_cast<std::streamsize>(count * sizeof(double)));
    runner.write(*runner.find(role, name), values, batch);
  }
}

}  // namespace

int main() {
  gradc::test::Runner runner(MODEL::kModel);
  std::int64_t batch = 0, steps = 0;
  std::cin >> batch >> steps;
  for (const gradc::core::TensorInfo& tensor : runner.model().tensors)
    if (tensor.role == Role::kState)  // of optimizers: constants
      runner.write(tensor,
                   std::vector<double>(gradc::test::elements_of(tensor, 1), tensor.initializer.a),
                   1);
  read_tensors(runner, Role::kParameter, batch);
  for (; steps > 0; --steps) {
    read_tensors(runner, Role::kInput, batch);
    runner.run(runner.model().train, batch);
    std::printf("%.9g\n", runner.read_scalar(runner.model().tensors[runner.model().loss]));
    std::fflush(stdout);
  }
}
