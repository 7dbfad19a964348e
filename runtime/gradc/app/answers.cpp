#include <fmt/format.h>
#include <gradc/app/answers.h>
#include <gradc/app/beam.h>
#include <gradc/app/errors.h>
#include <gradc/app/vocabulary.h>

#include <algorithm>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

bool is_of_pairs(const core::Model& model) {
  return model.dataset.kind == core::DatasetInfo::Kind::kPairs;
}

const core::Model& require_answers(const core::Model& model, std::int64_t beam) {
  const auto tokens = [&](const char* name, std::int64_t extent) {
    const TensorInfo* input = find_tensor(model, Role::kInput, name);
    return input != nullptr && input->element == core::Element::kI32 && input->batch_axis == 0 &&
           input->rank == 2 && input->shape[1] == extent;
  };
  const TensorInfo* logits = find_tensor(model, Role::kOutput, "logits");
  const bool fits =
      is_of_pairs(model) && model.decoder != nullptr && tokens("source", model.dataset.source) &&
      tokens("tokens", model.dataset.window) && logits != nullptr && logits->rank == 3 &&
      logits->batch_axis == 0 && logits->element != core::Element::kI32;
  if (!fits) {
    throw DataError(fmt::format(
        "{} ({}) answers no source: that takes the data set pairs, inputs \"source\" [batch, "
        "source] and \"tokens\" [batch, time] and an output \"logits\" [batch, time, vocabulary] "
        "along the model's time",
        model.name, model.source));
  }
  if (beam > model.max_batch) {
    throw UsageError(fmt::format("--beam {}: {} was generated for batches of 1 to {}", beam,
                                 model.name, model.max_batch));
  }
  return model;
}

}  // namespace

Answers::Answers(const Instance& instance, std::int64_t classes, std::int64_t beam,
                 core::Team& team)
    : decoder_(require_answers(instance.model(), beam)),
      team_(team),
      classes_(classes),
      beam_(beam),
      at_once_(instance.model().max_batch / beam),
      room_(instance.model().dataset.source),
      window_(instance.model().dataset.window) {
  decoder_.load(instance);
}

std::vector<Tokens> Answers::to(std::span<const std::span<const std::int32_t>> sources) {
  // Source i has the rows from i * beam on. All rows are computed, those of no open sequence too.
  const auto rows = static_cast<std::int64_t>(sources.size()) * beam_;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto source = sources[static_cast<std::size_t>(row / beam_)];
    Tokens padded(source.begin(), source.end());
    padded.resize(static_cast<std::size_t>(room_), kBoundaryToken);
    const auto length = static_cast<std::int32_t>(source.size());
    decoder_.put("source", row, padded);
    decoder_.put("length", row, {&length, 1});
    decoder_.put("tokens", row, {&kBoundaryToken, 1});
  }
  std::vector<BeamSearch> searches(sources.size(), BeamSearch(beam_, window_, kBoundaryToken));
  std::vector<std::int32_t> parents(static_cast<std::size_t>(rows));
  std::vector<double> logits;
  bool any_open = rows > 0;
  for (std::int64_t position = 0; any_open; ++position) {
    decoder_.step(position, rows, team_);
    any_open = false;
    for (std::size_t row = 0; row < parents.size(); ++row)
      parents[row] = static_cast<std::int32_t>(row);
    for (std::size_t i = 0; i < searches.size(); ++i) {
      BeamSearch& search = searches[i];
      if (search.open() == 0) continue;
      const auto classes = static_cast<std::size_t>(classes_);
      const auto first = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * beam_);
      logits.resize(static_cast<std::size_t>(search.open()) * classes);
      for (std::int64_t open = 0; open < search.open(); ++open)
        decoder_.logits(first + open, std::span(logits).subspan(
                                          static_cast<std::size_t>(open) * classes, classes));
      std::int32_t row = first;
      for (const BeamSearch::Row& next : search.step(logits)) {
        parents[static_cast<std::size_t>(row)] = first + next.parent;
        decoder_.put("tokens", row++, {&next.token, 1});
      }
      any_open = any_open || search.open() > 0;
    }
    if (any_open) decoder_.reorder(parents);
  }
  std::vector<Tokens> answers;
  for (const BeamSearch& search : searches) answers.push_back(search.best());
  return answers;
}

void require_pairs_for_beam(const core::Model& model, std::optional<std::int64_t> beam) {
  if (!beam || is_of_pairs(model)) return;
  throw UsageError(
      fmt::format("--beam is for models that answer a source; {} is none", model.name));
}

}  // namespace gradc::app
