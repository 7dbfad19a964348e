// The logits that a generated decoder gives position by position for values from outside, so that
// they can be compared before anything is timed. Compiled once for each MODEL.
//
//   in    each parameter and the tokens: a line NAME COUNT, then so many doubles
//   out   a line "logits" COUNT, then so many doubles, a row a position
#include <cstdio>
#include <iostream>
#include <string>

#include "models/runner.h"

#define GRADC_QUOTED(x) #x
#define GRADC_HEADER(name) GRADC_QUOTED(name.gen.h)
#include GRADC_HEADER(MODEL)

int main() {
  using gradc::core::Role;
  gradc::test::Runner runner(*MODEL::kModel.decoder);
  std::vector<double> tokens, logits;
  for (std::string name; std::cin >> name;) {
    std::size_t count = 0;
    std::cin >> count;
    std::cin.ignore();
    std::vector<double> values(count);
    std::cin.read(reinterpret_cast<char*>(values.data()),
                  static_cast<std::streamsize>(count * sizeof(double)));
    if (name == "tokens")
      tokens = std::move(values);
    else
      runner.write(*runner.find(Role::kParameter, name), values, 1);
  }
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const double position = static_cast<double>(at);
    runner.write(*runner.find(Role::kInput, "tokens"), {&tokens[at], 1}, 1);
    runner.write(*runner.find(Role::kInput, "decode/position"), {&position, 1}, 1);
    runner.run(runner.model().train, 1);
    const std::vector<double> row = runner.read(*runner.find(Role::kOutput, "logits"), 1);
    logits.insert(logits.end(), row.begin(), row.end());
  }
  std::printf("logits %zu\n", logits.size());
  std::fwrite(logits.data(), sizeof(double), logits.size(), stdout);
}
