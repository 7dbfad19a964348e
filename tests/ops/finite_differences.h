// Derivatives of graphs by finite differences in double, to compare symbolic ones with.
#pragma once

#include <eval/random_bindings.h>
#include <gradc/dsl.h>

#include <string>
#include <vector>

namespace gradc::ops {

// Compares d loss / d x of every given parameter with differences of fourth order,
//   f'(x) ~ (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h,
// at `bindings` (by default random_bindings of `seed`). Gives what differs by more than 1e-6 of the
// largest derivative of that parameter, empty: nothing. At most `limit` elements a parameter.
struct GradientCheck {
  std::uint64_t seed = 1;
  int limit = 1 << 20;
  double tolerance = 1e-6;
  const eval::Bindings* bindings = nullptr;
};
std::string check_gradients(const Graph& graph, Tensor loss, const std::vector<Tensor>& parameters,
                            const GradientCheck& options = {});

}  // namespace gradc::ops
