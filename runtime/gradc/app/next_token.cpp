#include <fmt/format.h>
#include <gradc/app/decoder.h>
#include <gradc/app/errors.h>
#include <gradc/app/next_token.h>

#include <vector>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

// Predicts a whole window for each token and reads the row of the last. What stands behind that is
// of no matter, because a model of sequences sees what comes before a token only.
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

  void restart() override {
    count_ = 0;
    if (const TensorInfo* position = find_tensor(instance_.model(), Role::kInput, "position")) {
      for (std::int64_t i = 0; i < block(); ++i) {
        data_of<std::int32_t>(instance_.arena(), *position)[i * position->strides[1]] =
            static_cast<std::int32_t>(i);
      }
    }
  }

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
    read_row(instance_.arena(), logits_, (count_ - 1) * logits_.strides[1], values_);
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

// Computes one position for each token. Once the block is full, every token shifts what the others'
// positions are, and the whole window has to be predicted.
class DecodedNextToken final : public NextToken {
 public:
  DecodedNextToken(Instance& instance, core::Team& team, const TensorInfo& tokens,
                   const TensorInfo& logits)
      : whole_(instance),
        window_(instance, team, tokens, logits),
        team_(team),
        decoder_(instance.model()),
        values_(static_cast<std::size_t>(logits.shape[2])) {}

  std::int64_t block() const override { return window_.block(); }

  void restart() override {
    window_.restart();
    count_ = 0;
    if (!prepared_) decoder_.load(whole_);
    prepared_ = true;
  }

  void advance(std::int32_t token) override {
    window_.advance(token);
    if (count_++ >= block()) return;
    const auto position = static_cast<std::int32_t>(count_ - 1);
    decoder_.put("tokens", 0, {&token, 1});
    decoder_.put("position", 0, {&position, 1});
    decoder_.step(position, 1, team_);
  }

  std::span<const double> logits() override {
    if (count_ > block()) return window_.logits();
    decoder_.logits(0, values_);
    return values_;
  }

 private:
  Instance& whole_;
  WindowNextToken window_;
  core::Team& team_;
  Decoder decoder_;
  bool prepared_ = false;
  std::int64_t count_ = 0;
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<NextToken> make_next_token(Instance& instance, core::Team& team) {
  using Kind = core::DatasetInfo::Kind;
  const core::Model& model = instance.model();
  const TensorInfo* tokens = find_tensor(model, Role::kInput, "tokens");
  const TensorInfo* logits = find_tensor(model, Role::kOutput, "logits");
  const bool fits = (model.dataset.kind == Kind::kText || model.dataset.kind == Kind::kItems) &&
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
  if (model.decoder != nullptr)
    return std::make_unique<DecodedNextToken>(instance, team, *tokens, *logits);
  return std::make_unique<WindowNextToken>(instance, team, *tokens, *logits);
}

}  // namespace gradc::app
