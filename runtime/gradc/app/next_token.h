// What comes next in a text, as a model tells it token by token.
#pragma once

#include <gradc/app/instance.h>

#include <cstdint>
#include <memory>
#include <span>

namespace gradc::app {

// One text at a time. Owns nothing of the model; instance and team must outlive it.
class NextToken {
 public:
  virtual ~NextToken() = default;

  // The most tokens that are seen at once.
  virtual std::int64_t block() const = 0;

  // Begins another text, of no tokens.
  virtual void restart() = 0;

  // Goes on by a token. Where the block is full, the first tokens are forgotten.
  virtual void advance(std::int32_t token) = 0;

  // One logit for each class of the token that follows those so far, of which there is at least
  // one. Valid until the next call.
  virtual std::span<const double> logits() = 0;
};

// For a model of sequences: an input "tokens" [batch, window] and an output "logits" [batch,
// window, classes]; an input "position" counts along the window. Throws a DataError for any other.
// It goes by the model's decoder, if there is one, as far as the block reaches, and takes the
// parameters that `instance` has when a text begins.
std::unique_ptr<NextToken> make_next_token(Instance& instance, core::Team& team);

}  // namespace gradc::app
