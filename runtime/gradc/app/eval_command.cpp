#include <fmt/format.h>
#include <gradc/app/answers.h>
#include <gradc/app/errors.h>
#include <gradc/app/eval_command.h>
#include <gradc/app/evaluate.h>
#include <gradc/app/run_data.h>
#include <gradc/app/trainer.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace gradc::app {
namespace {

// The share of a split's sources that are answered by their very target.
double exact_match(const Dataset& dataset, Split split, Answers& answers) {
  const auto examples = static_cast<std::uint32_t>(dataset.examples(split));
  std::int64_t exact = 0;
  std::vector<std::span<const std::int32_t>> sources;
  for (std::uint32_t first = 0; first < examples;
       first += static_cast<std::uint32_t>(sources.size())) {
    sources.clear();
    for (std::uint32_t i = first; i < examples; ++i) {
      if (static_cast<std::int64_t>(sources.size()) == answers.at_once()) break;
      sources.push_back(dataset.pairs()->source(split, i));
    }
    std::uint32_t example = first;
    for (const Tokens& answer : answers.to(sources))
      exact += std::ranges::equal(answer, dataset.pairs()->target(split, example++));
  }
  return static_cast<double>(exact) / static_cast<double>(examples);
}

}  // namespace

int eval(const core::Model& model, const EvalOptions& options) {
  if (model.evaluate.run == nullptr) {
    throw DataError(fmt::format("{} ({}) has no outputs to evaluate", model.name, model.source));
  }
  require_pairs_for_beam(model, options.beam);
  const Trained trained(model, options.trained);
  const RunFacts* facts = trained.facts();
  const RunData data = open_data(model, trained.alphabet(),
                                 {.path = options.data,
                                  .facts = facts,
                                  .scratch_folder = options.trained.folder,
                                  .seed = facts != nullptr ? facts->seed : kDefaultSeed});
  if (facts != nullptr && data.source.hash() != facts->data_hash) {
    fmt::print(stderr, "note: {} is not the data that {} was trained on; the splits are its own\n",
               data.source.name, trained.name());
  }
  Instance instance(model, Instance::Purpose::kRun);
  trained.load(instance);

  core::Team team(choose_threads(model, model.max_batch, options.threads));
  std::optional<Answers> answers;
  if (data.dataset->pairs() != nullptr && (model.decoder != nullptr || options.beam))
    answers.emplace(instance, data.dataset->vocabulary()->size(), options.beam.value_or(1), team);
  std::string infinite;  // the first average that is no number, and of what
  for (int part = 0; part < kSplits; ++part) {
    const auto split = static_cast<Split>(part);
    if (data.dataset->examples(split) == 0) continue;
    const bool held_out = split != Split::kTrain || !model.dataset.split;
    const Evaluation evaluation = evaluate(instance, *data.dataset, split, 0, team);
    std::string line = fmt::format("{:<5}", kSplitNames[part]);
    for (const Average& average : evaluation.averages) {
      // A NaN's sign says nothing.
      const double value =
          std::isnan(average.value) ? std::numeric_limits<double>::quiet_NaN() : average.value;
      line += fmt::format("  {} {:.4f}", average.name, value);
      if (infinite.empty() && !std::isfinite(value))
        infinite = fmt::format("{} on {}", average.name, kSplitNames[part]);
    }
    if (answers && held_out)
      line += fmt::format("  exact {:.4f}", exact_match(*data.dataset, split, *answers));
    fmt::print("{}  examples {}\n", line, grouped(evaluation.examples));
    std::fflush(stdout);
  }
  if (!infinite.empty())
    throw DataError(fmt::format("{}: its {} is not finite", trained.name(), infinite));
  return kExitDone;
}

}  // namespace gradc::app
