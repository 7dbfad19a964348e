#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/eval_command.h>
#include <gradc/app/evaluate.h>
#include <gradc/app/run_data.h>
#include <gradc/app/trainer.h>

#include <cstdio>

namespace gradc::app {

int eval(const core::Model& model, const EvalOptions& options) {
  if (model.evaluate.run == nullptr) {
    throw DataError(fmt::format("{} ({}) has no outputs to evaluate", model.name, model.source));
  }
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
  for (int part = 0; part < kSplits; ++part) {
    const auto split = static_cast<Split>(part);
    if (data.dataset->examples(split) == 0) continue;
    const Evaluation evaluation = evaluate(instance, *data.dataset, split, 0, team);
    std::string line = fmt::format("{:<5}", kSplitNames[part]);
    for (const Average& average : evaluation.averages) {
      line += fmt::format("  {} {:.4f}", average.name, average.value);
    }
    fmt::print("{}  examples {}\n", line, grouped(evaluation.examples));
    std::fflush(stdout);
  }
  return kExitDone;
}

}  // namespace gradc::app
