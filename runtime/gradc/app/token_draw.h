// The choice of a token from a model's logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gradc::app {

class TokenDraw {
 public:
  // Temperature 0 always takes the likeliest; `top_k` 0 draws among all `tokens`.
  TokenDraw(double temperature, std::int64_t top_k, std::int64_t tokens);

  // `logits` has one value a token; `uniform` lies in [0, 1). Throws a DataError if a logit is not
  // finite.
  std::int32_t draw(std::span<const double> logits, double uniform);

 private:
  double temperature_;
  std::int64_t top_k_;
  std::vector<double> weight_;
  std::vector<std::int32_t> order_;  // the tokens that are drawn among come first
};

}  // namespace gradc::app
