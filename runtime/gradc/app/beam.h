// Beam search: the likeliest sequence among those that a few open ones lead to.
//
// A sequence Y of n tokens, its end included, is worth log P(Y) / ((5 + n) / 6)^0.6; Y. Wu et al.
// (2016), with the exponent of Vaswani et al. (2017). Each step looks at the `width` likeliest ways
// to go on from the open sequences: those that end are set aside, the others are open now. The
// search is over when none is, or none can be worth more than the best that has ended. With a width
// of 1 it always takes the likeliest token.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gradc::app {

class BeamSearch {
 public:
  // Sequences of at most `longest` tokens, the token `end` included.
  BeamSearch(std::int64_t width, std::int64_t longest, std::int32_t end);

  // How an open sequence came about: open sequence `parent` of the step before, then `token`.
  struct Row {
    std::int32_t parent;
    std::int32_t token;
  };

  // How many sequences are open: 1 before the first step, 0 once the search is over.
  std::int64_t open() const { return static_cast<std::int64_t>(open_.size()); }

  // Takes the logits of what follows each open sequence, one after the other, and gives the
  // sequences that are open now. Throws a DataError if a logit is not finite.
  std::span<const Row> step(std::span<const double> logits);

  // The best that has ended, without its end; if none has, the likeliest that is open.
  const std::vector<std::int32_t>& best() const { return best_.tokens; }

 private:
  struct Sequence {
    std::vector<std::int32_t> tokens;
    double log_probability = 0;
  };

  std::int64_t width_, longest_;
  std::int32_t end_;
  std::int64_t steps_ = 0;
  std::vector<Sequence> open_;
  std::vector<Row> rows_;
  Sequence best_;
  double best_worth_;
};

}  // namespace gradc::app
