#include <fmt/format.h>
#include <gradc/app/answers.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/item_sampler.h>
#include <gradc/app/line_items.h>
#include <gradc/app/pair_sampler.h>
#include <gradc/app/sampler.h>
#include <gradc/app/text_sampler.h>
#include <gradc/app/token_draw.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <cstdio>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

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
        token_draw_(options.temperature, options.top_k, vocabulary.size()),
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
    read_row(instance_.arena(), tensor, slot * tensor.strides[0], logits_);
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
  using Kind = core::DatasetInfo::Kind;
  const Kind kind = model.dataset.kind;
  require_pairs_for_beam(model, options.beam);
  if (kind == Kind::kText) return sample_text(model, options);
  if (options.tokens || !options.slide || (options.prompt && kind != Kind::kPairs)) {
    throw UsageError(fmt::format("{} for models of text; {} is none",
                                 kind == Kind::kPairs ? "--tokens and --no-slide are"
                                                      : "--prompt, --tokens and --no-slide are",
                                 model.name));
  }
  if (kind == Kind::kPairs) return sample_pairs(model, options);
  if (kind == Kind::kItems) return sample_items(model, options);
  const Bound bound = bind(model);
  const Trained trained(model, options.trained);
  Instance instance(model, Instance::Purpose::kRun);
  trained.load(instance);

  core::Team team(choose_threads(model, model.max_batch, options.threads));
  Sampler sampler(instance, bound, *trained.alphabet().characters, options, team);
  const std::int64_t items = options.count.value_or(kDefaultItems);
  for (std::int64_t first = 0; first < items; first += model.max_batch) {
    const std::int64_t count = std::min(model.max_batch, items - first);
    for (const std::string& item : sampler.make(first, count)) fmt::print("{}\n", item);
  }
  return kExitDone;
}

}  // namespace gradc::app
