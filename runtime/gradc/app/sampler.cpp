#include <fmt/format.h>
#include <gradc/app/checkpoint.h>
#include <gradc/app/dataset.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/run_data.h>
#include <gradc/app/sampler.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

constexpr std::int32_t kBoundaryToken = 0;

// A model that never ends an item is not given for ever.
constexpr std::int64_t kLongestItem = 500;

// The tensors that sampling needs. Throws a DataError if the model does not have them.
struct Bound {
  const TensorInfo* context;
  const TensorInfo* logits;
};

Bound bind(const core::Model& model) {
  const TensorInfo* context = find_tensor(model, Role::kInput, "context");
  const TensorInfo* logits = find_tensor(model, Role::kOutput, "logits");
  const bool fits = model.dataset.kind == core::DatasetInfo::Kind::kLines &&
                    model.predict.run != nullptr && context != nullptr && logits != nullptr &&
                    context->batch_axis == 0 && context->rank <= 2 &&
                    context->element == core::Element::kI32 && logits->batch_axis == 0 &&
                    logits->rank == 2 && logits->shape[1] >= context->classes;
  if (!fits) {
    throw DataError(
        fmt::format("{} ({}) has nothing to sample: that takes the data set lines, an "
                    "input \"context\" and an output \"logits\" [batch, vocabulary]",
                    model.name, model.source));
  }
  return {context, logits};
}

// Draws tokens from logits.
class TokenDraw {
 public:
  TokenDraw(const SampleOptions& options, std::int64_t tokens)
      : temperature_(options.temperature),
        top_k_(options.top_k > 0 ? std::min(options.top_k, tokens) : tokens),
        weight_(static_cast<std::size_t>(tokens)),
        order_(static_cast<std::size_t>(tokens)) {}

  // `logits` has one value a token; `uniform` lies in [0, 1).
  std::int32_t draw(std::span<const double> logits, double uniform) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::int32_t>(i);
    // The likeliest first; of two alike the first, so that the choice never depends on the sort.
    const auto likelier = [&](std::int32_t a, std::int32_t b) {
      const double x = logits[static_cast<std::size_t>(a)];
      const double y = logits[static_cast<std::size_t>(b)];
      return x != y ? x > y : a < b;
    };
    std::partial_sort(order_.begin(), order_.begin() + top_k_, order_.end(), likelier);
    if (temperature_ == 0) return order_[0];
    const double highest = logits[static_cast<std::size_t>(order_[0])];
    double sum = 0;
    for (std::int64_t i = 0; i < top_k_; ++i) {
      const auto token = static_cast<std::size_t>(order_[static_cast<std::size_t>(i)]);
      sum += weight_[static_cast<std::size_t>(i)] =
          std::exp((logits[token] - highest) / temperature_);
    }
    double rest = uniform * sum;
    for (std::int64_t i = 0; i < top_k_; ++i) {
      rest -= weight_[static_cast<std::size_t>(i)];
      if (rest < 0) return order_[static_cast<std::size_t>(i)];
    }
    return order_[0];  // rounding left a crumb
  }

 private:
  double temperature_;
  std::int64_t top_k_;
  std::vector<double> weight_;
  std::vector<std::int32_t> order_;
};

// Makes the items first .. first + count - 1 side by side, one a batch slot.
class Sampler {
 public:
  Sampler(Instance& instance, const Bound& bound, const Vocabulary& vocabulary,
          const SampleOptions& options, core::Team& team)
      : instance_(instance),
        bound_(bound),
        vocabulary_(vocabulary),
        seed_(options.seed),
        team_(team),
        token_draw_(options, vocabulary.size()),
        logits_(static_cast<std::size_t>(vocabulary.size())) {}

  std::vector<std::string> make(std::int64_t first, std::int64_t count) {
    std::vector<std::string> items(static_cast<std::size_t>(count));
    std::vector<bool> ended(items.size());
    for (std::int64_t slot = 0; slot < count; ++slot) clear_context(slot);
    std::int64_t open = count;
    for (std::int64_t place = 0; open > 0 && place < kLongestItem; ++place) {
      instance_.model().predict.run(instance_.arena(), count, team_);
      for (std::int64_t slot = 0; slot < count; ++slot) {
        const auto at = static_cast<std::size_t>(slot);
        if (ended[at]) continue;
        const std::int32_t token = next_token(slot, first + slot, place);
        if (token == kBoundaryToken) {
          ended[at] = true;
          --open;
          continue;
        }
        append_utf8(vocabulary_.character(token), items[at]);
        push_context(slot, token);
      }
    }
    return items;
  }

 private:
  std::int64_t window() const { return bound_.context->rank > 1 ? bound_.context->shape[1] : 1; }

  std::int32_t* context(std::int64_t slot, std::int64_t place) {
    const TensorInfo& tensor = *bound_.context;
    const std::int64_t stride = tensor.rank > 1 ? tensor.strides[1] : 0;
    return data_of<std::int32_t>(instance_.arena(), tensor) + slot * tensor.strides[0] +
           place * stride;
  }

  void clear_context(std::int64_t slot) {
    for (std::int64_t i = 0; i < window(); ++i) *context(slot, i) = kBoundaryToken;
  }

  void push_context(std::int64_t slot, std::int32_t token) {
    for (std::int64_t i = 0; i + 1 < window(); ++i) *context(slot, i) = *context(slot, i + 1);
    *context(slot, window() - 1) = token;
  }

  std::int32_t next_token(std::int64_t slot, std::int64_t item, std::int64_t place) {
    const TensorInfo& tensor = *bound_.logits;
    for (std::size_t i = 0; i < logits_.size(); ++i) {
      const std::int64_t at =
          slot * tensor.strides[0] + static_cast<std::int64_t>(i) * tensor.strides[1];
      logits_[i] = tensor.element == core::Element::kF64
                       ? data_of<double>(instance_.arena(), tensor)[at]
                       : double{data_of<float>(instance_.arena(), tensor)[at]};
      if (!std::isfinite(logits_[i])) {
        throw DataError("the model's logits are not finite, so nothing can be drawn from them");
      }
    }
    const core::Draw draw{seed_, kSampleStream, static_cast<std::uint64_t>(item)};
    return token_draw_.draw(logits_, core::uniform<double>(draw, place));
  }

  Instance& instance_;
  Bound bound_;
  const Vocabulary& vocabulary_;
  std::uint64_t seed_;
  core::Team& team_;
  TokenDraw token_draw_;
  std::vector<double> logits_;
};

}  // namespace

int sample(const core::Model& model, const SampleOptions& options) {
  const Bound bound = bind(model);
  const auto checkpoint = open_checkpoint(options.folder);
  require_model(*checkpoint, model);
  const RunFacts facts = read_facts(*checkpoint);
  const auto vocabulary = stored_vocabulary(model, facts, options.folder);
  Instance instance(model, Instance::Purpose::kRun);
  load_tensors(*checkpoint, instance);

  core::Team team(choose_threads(model, model.max_batch, options.threads));
  Sampler sampler(instance, bound, *vocabulary, options, team);
  for (std::int64_t first = 0; first < options.count; first += model.max_batch) {
    const std::int64_t count = std::min(model.max_batch, options.count - first);
    for (const std::string& item : sampler.make(first, count)) fmt::print("{}\n", item);
  }
  return kExitDone;
}

}  // namespace gradc::app
