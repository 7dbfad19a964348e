// The losses of a generated model in training, on values and batches from outside, so that a whole
// training can be compared.
//
//   in    BATCH STEPS, then each parameter, then for each step each input
//   out   a loss a line
#include <cstdlib>

#include "models/runner.h"
#include "tensors.h"
#include GRADC_HEADER(MODEL)

namespace {

using gradc::core::Role;

// As many as the model has of that role.
void read_all(gradc::test::Runner& runner, Role role, std::int64_t batch) {
  for (const gradc::core::TensorInfo& each : runner.model().tensors) {
    if (each.role != role) continue;
    const auto given = gradc::bench::read_tensor();
    if (!given) {
      std::fprintf(stderr, "%s waits for more values\n", runner.model().name);
      std::exit(1);
    }
    runner.write(*runner.find(role, given->name), given->values, batch);
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
  read_all(runner, Role::kParameter, batch);
  for (; steps > 0; --steps) {
    read_all(runner, Role::kInput, batch);
    runner.run(runner.model().train, batch);
    std::printf("%.9g\n", runner.read_scalar(runner.model().tensors[runner.model().loss]));
    std::fflush(stdout);
  }
}
