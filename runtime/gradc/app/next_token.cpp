#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/next_token.h>

#include <vector>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

// Predicts a whole window for each token and reads the row of the last. What stands behind that is
// of no matter, because a model of text sees what comes before a token only.
class WindowNextToken final : public NextToken {
 public:
  WindowNextToken(Instance& instance, core::Team& team, const TensorInfo& tokens,
                  const TensorInfo& logits)
      : instance_(instance),
        team_(team),
        tokens_(tokens),
        logits_(logits),
        values_(static_cast<std::size_t>(logits.shape[2])) {}

  std::int64_t block() const override { return tokens_.shape[1]; }
  void restart() override { count_ = 0; }

  void advance(std::int32_t token) override {
    if (count_ == block()) {
      for (std::int64_t i = 0; i + 1 < count_; ++i) place(i) = place(i + 1);
      --count_;
    }
    place(count_++) = token;
  }

  std::span<const double> logits() override {
    for (std::int64_t i = count_; i < block(); ++i) place(i) = 0;
    instance_.model().predict.run(instance_.arena(), 1, team_);
    const std::int64_t row = (count_ - 1) * logits_.strides[1];
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::int64_t at = row + static_cast<std::int64_t>(i) * logits_.strides[2];
      values_[i] = logits_.element == core::Element::kF64
                       ? data_of<double>(instance_.arena(), logits_)[at]
                       : double{data_of<float>(instance_.arena(), logits_)[at]};
    }
    return values_;
  }

 private:
  std::int32_t& place(std::int64_t i) {
    return data_of<std::int32_t>(instance_.arena(), tokens_)[i * tokens_.strides[1]];
  }

  Instance& instance_;
  core::Team& team_;
  const TensorInfo& tokens_;
  const TensorInfo& logits_;
  std::int64_t count_ = 0;
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<NextToken> make_next_token(Instance& instance, core::Team& team) {
  const core::Model& model = instance.model();
  const TensorInfo* tokens = find_tensor(model, Role::kInput, "tokens");
  const TensorInfo* logits = find_tensor(model, Role::kOutput, "logits");
  const bool fits = model.dataset.kind == core::DatasetInfo::Kind::kText &&
                    model.predict.run != nullptr && tokens != nullptr && logits != nullptr &&
                    tokens->element == core::Element::kI32 && tokens->rank == 2 &&
                    tokens->batch_axis == 0 && logits->rank == 3 && logits->batch_axis == 0 &&
                    logits->element != core::Element::kI32 &&
                    logits->shape[1] == tokens->shape[1] && logits->shape[2] >= tokens->classes;
  if (!fits) {
    throw DataError(
        fmt::format("{} ({}) has no text to sample: that takes an input \"tokens\" [batch, window] "
                    "and an output \"logits\" [batch, window, vocabulary]",
                    model.name, model.source));
  }
  return std::make_unique<WindowNextToken>(instance, team, *tokens, *logits);
}

}  // namespace gradc::app
