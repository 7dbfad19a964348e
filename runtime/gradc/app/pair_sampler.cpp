#include <fmt/format.h>
#include <gradc/app/answers.h>
#include <gradc/app/errors.h>
#include <gradc/app/pair_lines.h>
#include <gradc/app/pair_sampler.h>
#include <gradc/app/utf8.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

namespace gradc::app {
namespace {

void require_likeliest(const core::Model& model, const SampleOptions& options) {
  if (!options.count && options.temperature == 1 && options.top_k == 0) return;
  throw UsageError(
      fmt::format("--count, --temperature and --top-k are for models that draw what they say; {} "
                  "gives the likeliest answer",
                  model.name));
}

class Sampler {
 public:
  Sampler(const core::Model& model, const Trained& trained, Answers& answers)
      : model_(model), trained_(trained), answers_(answers) {}

  void add(std::string_view text, const std::string& name, std::int64_t line) {
    waiting_.push_back(
        encode_source(model_, vocabulary(), trained_.alphabet().owner, text, name, line));
    if (static_cast<std::int64_t>(waiting_.size()) == answers_.at_once()) flush();
  }

  void flush() {
    const std::vector<std::span<const std::int32_t>> sources(waiting_.begin(), waiting_.end());
    for (const Tokens& answer : answers_.to(sources)) {
      std::string text;
      for (const std::int32_t token : answer) append_utf8(vocabulary().character(token), text);
      fmt::print("{}\n", text);
    }
    std::fflush(stdout);
    waiting_.clear();
  }

 private:
  const Vocabulary& vocabulary() const { return *trained_.alphabet().characters; }

  const core::Model& model_;
  const Trained& trained_;
  Answers& answers_;
  std::vector<Tokens> waiting_;
};

}  // namespace

int sample_pairs(const core::Model& model, const SampleOptions& options) {
  require_likeliest(model, options);
  const std::int64_t beam = options.beam.value_or(1);
  const Trained trained(model, options.trained);
  Instance instance(model, Instance::Purpose::kRun);
  trained.load(instance);
  core::Team team(choose_threads(model, beam, options.threads));
  Answers answers(instance, trained.alphabet().characters->size(), beam, team);
  Sampler sampler(model, trained, answers);
  if (options.prompt) {
    sampler.add(*options.prompt, "--prompt", 1);
    sampler.flush();
    return kExitDone;
  }
  const bool typed = isatty(STDIN_FILENO) != 0;
  std::string text;
  for (std::int64_t line = 1; std::getline(std::cin, text); ++line) {
    if (text.ends_with('\r')) text.pop_back();
    try {
      sampler.add(text, "standard input", line);
    } catch (const DataError&) {
      sampler.flush();  // what came before has its answer
      throw;
    }
    if (typed) sampler.flush();
  }
  sampler.flush();
  return kExitDone;
}

}  // namespace gradc::app
