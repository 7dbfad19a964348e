// The loss and gradients that a generated model gives for values from outside, so that they can be
// compared before anything is timed.
//
//   in    BATCH, then each parameter and input
//   out   the loss, of one double, and the gradient of each parameter
#include "models/runner.h"
#include "tensors.h"
#include GRADC_HEADER(MODEL)

int main() {
  using gradc::core::Role;
  gradc::test::Runner runner(MODEL::kModel);
  std::int64_t batch = 0;
  std::cin >> batch;
  while (const auto given = gradc::bench::read_tensor()) {
    const gradc::core::TensorInfo* tensor = runner.find(Role::kParameter, given->name);
    if (tensor == nullptr) tensor = runner.find(Role::kInput, given->name);
    if (tensor == nullptr) {
      std::fprintf(stderr, "%s has no parameter or input %s\n", runner.model().name,
                   given->name.c_str());
      return 1;
    }
    runner.write(*tensor, given->values, batch);
  }
  runner.run(runner.model().gradient, batch);
  const double loss = runner.read_scalar(runner.model().tensors[runner.model().loss]);
  gradc::bench::write_tensor("loss", {&loss, 1});
  for (const gradc::core::TensorInfo& tensor : runner.model().tensors)
    if (tensor.role == Role::kGradient)
      gradc::bench::write_tensor(tensor.name, runner.read(tensor, batch));
}
