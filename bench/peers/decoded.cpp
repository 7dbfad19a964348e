// The logits that a generated decoder gives position by position for values from outside, so that
// they can be compared before anything is timed.
//
//   in    each parameter and the tokens
//   out   the logits, a row a position
#include "models/runner.h"
#include "tensors.h"
#include GRADC_HEADER(MODEL)

int main() {
  using gradc::core::Role;
  gradc::test::Runner runner(*MODEL::kModel.decoder);
  std::vector<double> tokens, logits;
  while (auto given = gradc::bench::read_tensor()) {
    if (given->name == "tokens")
      tokens = std::move(given->values);
    else
      runner.write(*runner.find(Role::kParameter, given->name), given->values, 1);
  }
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const double position = static_cast<double>(at);
    runner.write(*runner.find(Role::kInput, "tokens"), {&tokens[at], 1}, 1);
    runner.write(*runner.find(Role::kInput, "decode/position"), {&position, 1}, 1);
    runner.run(runner.model().train, 1);
    const std::vector<double> row = runner.read(*runner.find(Role::kOutput, "logits"), 1);
    logits.insert(logits.end(), row.begin(), row.end());
  }
  gradc::bench::write_tensor("logits", logits);
}
