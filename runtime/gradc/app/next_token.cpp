#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/next_token.h>

#include <cstring>
#include <vector>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

// One logit for each class, from the place that `row` says.
void read_logits(std::byte* arena, const TensorInfo& tensor, std::int64_t row,
                 std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t at = row + static_cast<std::int64_t>(i) * tensor.strides[2];
    values[i] = tensor.element == core::Element::kF64 ? data_of<double>(arena, tensor)[at]
                                                      : double{data_of<float>(arena, tensor)[at]};
  }
}

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
    read_logits(instance_.arena(), logits_, (count_ - 1) * logits_.strides[1], values_);
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
        decoder_(*instance.model().decoder, Instance::Purpose::kRun),
        values_(static_cast<std::size_t>(logits.shape[2])) {}

  std::int64_t block() const override { return window_.block(); }

  void restart() override {
    window_.restart();
    count_ = 0;
    if (prepared_) return;
    prepared_ = true;
    for (const TensorInfo& to : decoder_.model().tensors) {
      if (to.role != Role::kParameter && to.role != Role::kSetting) continue;
      const TensorInfo* from = find_tensor(whole_.model(), to.role, to.name);
      std::memcpy(decoder_.arena() + to.offset, whole_.arena() + from->offset, extent_of(to));
    }
  }

  void advance(std::int32_t token) override {
    window_.advance(token);
    if (count_++ >= block()) return;
    const core::Model& model = decoder_.model();
    const auto put = [&](const char* name, std::int64_t value) {
      if (const TensorInfo* input = find_tensor(model, Role::kInput, name))
        *data_of<std::int32_t>(decoder_.arena(), *input) = static_cast<std::int32_t>(value);
    };
    put("tokens", token);
    put("position", count_ - 1);
    put("decode/position", count_ - 1);
    model.train.run(decoder_.arena(), 1, team_);
  }

  std::span<const double> logits() override {
    if (count_ > block()) return window_.logits();
    const TensorInfo& tensor = *find_tensor(decoder_.model(), Role::kOutput, "logits");
    read_logits(decoder_.arena(), tensor, 0, values_);
    return values_;
  }

 private:
  // From the first element to the last, padding between rows included.
  static std::size_t extent_of(const TensorInfo& tensor) {
    std::int64_t elements = 1;
    for (int axis = 0; axis < tensor.rank; ++axis)
      elements += (tensor.shape[axis] - 1) * tensor.strides[axis];
    return static_cast<std::size_t>(elements * core::bytes_of(tensor.element));
  }

  Instance& whole_;
  WindowNextToken window_;
  core::Team& team_;
  Instance decoder_;
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
