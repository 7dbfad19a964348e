#include <gradc/app/beam.h>
#include <gradc/app/errors.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradc::app {
namespace {

constexpr double kExponent = 0.6;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A way to go on.
struct Candidate {
  double log_probability;
  std::int32_t parent;
  std::int32_t token;
};

// Of two alike the first, so that the choice never depends on the sort.
bool likelier(const Candidate& a, const Candidate& b) {
  if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
  return a.parent != b.parent ? a.parent < b.parent : a.token < b.token;
}

// log sum exp.
double log_total(std::span<const double> logits) {
  if (!std::ranges::all_of(logits, [](double logit) { return std::isfinite(logit); }))
    throw DataError("the model's logits are not finite, so nothing can be chosen by them");
  const double largest = std::ranges::max(logits);
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

// Of a sequence of so many tokens.
double worth(double log_probability, std::int64_t tokens) {
  return log_probability / std::pow(static_cast<double>(5 + tokens) / 6, kExponent);
}

}  // namespace

BeamSearch::BeamSearch(std::int64_t width, std::int64_t longest, std::int32_t end)
    : width_(width), longest_(longest), end_(end), open_(1), best_worth_(-kInfinity) {}

std::span<const BeamSearch::Row> BeamSearch::step(std::span<const double> logits) {
  const std::size_t classes = logits.size() / open_.size();
  std::vector<Candidate> candidates;
  for (std::size_t row = 0; row < open_.size(); ++row) {
    const auto its = logits.subspan(row * classes, classes);
    const double before = open_[row].log_probability - log_total(its);
    for (std::size_t token = 0; token < classes; ++token)
      candidates.push_back(
          {before + its[token], static_cast<std::int32_t>(row), static_cast<std::int32_t>(token)});
  }
  const auto count = std::min(static_cast<std::size_t>(width_), candidates.size());
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(count),
                            likelier);
  candidates.resize(count);
  ++steps_;

  std::vector<Sequence> open;
  rows_.clear();
  for (const Candidate& candidate : candidates) {
    Sequence next{open_[static_cast<std::size_t>(candidate.parent)].tokens,
                  candidate.log_probability};
    if (candidate.token != end_) {
      next.tokens.push_back(candidate.token);
      open.push_back(std::move(next));
      rows_.push_back({candidate.parent, candidate.token});
      continue;
    }
    const double its_worth = worth(candidate.log_probability, steps_);
    if (its_worth <= best_worth_) continue;
    best_ = std::move(next);
    best_worth_ = its_worth;
  }
  open_ = std::move(open);
  // A sequence only becomes less likely, and is worth most if it is as long as can be.
  const bool hopeless =
      open_.empty() || worth(open_.front().log_probability, longest_) <= best_worth_;
  if (!hopeless && steps_ < longest_) return rows_;
  if (best_worth_ == -kInfinity) best_ = open_.front();
  open_.clear();
  rows_.clear();
  return rows_;
}

}  // namespace gradc::app
