#include <gradc/app/errors.h>
#include <gradc/app/token_draw.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gradc::app {

TokenDraw::TokenDraw(double temperature, std::int64_t top_k, std::int64_t tokens)
    : temperature_(temperature),
      top_k_(temperature == 0 ? 1
             : top_k > 0      ? std::min(top_k, tokens)
                              : tokens),
      weight_(static_cast<std::size_t>(top_k_)),
      order_(static_cast<std::size_t>(tokens)) {}

std::int32_t TokenDraw::draw(std::span<const double> logits, double uniform) {
  if (!std::ranges::all_of(logits, [](double logit) { return std::isfinite(logit); })) {
    throw DataError("the model's logits are not finite, so nothing can be drawn from them");
  }
  const auto logit_of = [&](std::int32_t token) { return logits[static_cast<std::size_t>(token)]; };
  // The likeliest first; of two alike the first, so that the choice never depends on the sort.
  const auto likelier = [&](std::int32_t a, std::int32_t b) {
    return logit_of(a) != logit_of(b) ? logit_of(a) > logit_of(b) : a < b;
  };
  std::iota(order_.begin(), order_.end(), 0);
  const bool all = top_k_ == static_cast<std::int64_t>(order_.size());
  if (!all) std::partial_sort(order_.begin(), order_.begin() + top_k_, order_.end(), likelier);
  const std::span<const std::int32_t> chosen(order_.data(), static_cast<std::size_t>(top_k_));
  const std::int32_t likeliest = *std::ranges::min_element(chosen, likelier);
  if (top_k_ == 1) return likeliest;
  double sum = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    weight_[i] = std::exp((logit_of(chosen[i]) - logit_of(likeliest)) / temperature_);
    sum += weight_[i];
  }
  double rest = uniform * sum;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    rest -= weight_[i];
    if (rest < 0) return chosen[i];
  }
  return likeliest;  // rounding left a crumb
}

}  // namespace gradc::app
