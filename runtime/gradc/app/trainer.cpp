#include <fmt/format.h>
#include <gradc/app/batches.h>
#include <gradc/app/checkpoint.h>
#include <gradc/app/errors.h>
#include <gradc/app/evaluate.h>
#include <gradc/app/interrupt.h>
#include <gradc/app/progress.h>
#include <gradc/app/run_data.h>
#include <gradc/app/run_folder.h>
#include <gradc/app/trainer.h>
#include <gradc/app/training_log.h>
#include <gradc/core/environment.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;
using Clock = Progress::Clock;
using Seconds = std::chrono::duration<double>;

// Between two checkpoints lie at least this long and this many times what writing one took.
constexpr Seconds kCheckpointLeast{30};
constexpr double kCheckpointShare = 20;

// How far steps run between two looks at the clock.
constexpr Seconds kClockInterval{0.001};

// Every tenth row of the log has a dev loss.
constexpr std::int64_t kRowsPerDev = 10;

std::int64_t choose_steps(const core::Model& model, const TrainOptions& options,
                          const RunFacts* before, const Batches& batches) {
  if (options.steps) return *options.steps;
  if (before != nullptr && before->steps > 0) return before->steps;
  if (model.steps > 0) return model.steps;
  if (model.dataset.order == core::DatasetInfo::Order::kSequential) {
    return batches.steps_per_round();
  }
  throw UsageError(fmt::format("{} does not say how many steps it takes: --steps N", model.name));
}

std::uint64_t choose_seed(const TrainOptions& options, const RunFacts* before) {
  if (before == nullptr) return options.seed.value_or(kDefaultSeed);
  if (options.seed && *options.seed != before->seed) {
    throw UsageError(
        fmt::format("--seed {}: {} was started with --seed {}, and a resumed run "
                    "keeps it",
                    *options.seed, options.folder, before->seed));
  }
  return before->seed;
}

void apply_options(Instance& instance, const TrainOptions& options) {
  for (const auto& [name, value] : options.settings) instance.set_setting(name, value);
  if (options.learning_rate) instance.set_setting("learning_rate", *options.learning_rate);
}

void apply_settings(Instance& instance, const TrainOptions& options, const RunFacts* before,
                    std::uint64_t seed, std::int64_t steps) {
  if (before != nullptr) {
    for (const auto& [name, value] : before->settings) {
      if (instance.has_setting(name)) instance.set_setting(name, value);
    }
  }
  if (instance.has_setting("seed")) instance.set_setting("seed", static_cast<double>(seed));
  if (instance.has_setting("steps")) instance.set_setting("steps", static_cast<double>(steps));
  apply_options(instance, options);
}

// What the log calls the learning rate: what the model computed, or else what it was given.
const TensorInfo* find_learning_rate(const core::Model& model) {
  const TensorInfo* computed = find_tensor(model, Role::kOutput, "learning_rate");
  if (computed != nullptr && is_scalar(*computed)) return computed;
  return find_tensor(model, Role::kSetting, "learning_rate");
}

// The name of a parameter or state that is not finite, or null.
const char* find_not_finite(const Instance& instance) {
  for (const TensorInfo& tensor : instance.model().tensors) {
    if (tensor.role != Role::kParameter && tensor.role != Role::kState) continue;
    if (tensor.element == core::Element::kI32) continue;
    const auto values = values_of(instance.arena(), tensor);
    if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) {
      return tensor.name;
    }
  }
  return nullptr;
}

// One session of training: from a step to the last, or to an interrupt.
class Session {
 public:
  Session(Instance& instance, const Dataset& dataset, Batches& batches, core::Team& team,
          RunFacts facts, const TrainOptions& options)
      : instance_(instance),
        dataset_(dataset),
        batches_(batches),
        team_(team),
        facts_(std::move(facts)),
        folder_(options.folder),
        saved_step_(options.resume ? facts_.step : -1),
        first_step_(facts_.step),
        interval_(log_interval(facts_.steps)),
        learning_rate_(find_learning_rate(instance.model())),
        log_(log_path(folder_), facts_.step) {}

  int run(const std::string& command, const InterruptGuard& interrupt);

 private:
  double read_loss() const { return scalar_of(instance_.arena(), *loss_); }

  void count_loss(double loss, std::int64_t batch);
  void write_row();
  void save();
  [[noreturn]] void fail_diverged(const std::string& what) const;
  std::optional<double> smooth_loss() const {
    return loss_ != nullptr && facts_.step > first_step_ ? std::optional(smooth_) : std::nullopt;
  }
  std::optional<double> dev_loss();

  Instance& instance_;
  const Dataset& dataset_;
  Batches& batches_;
  core::Team& team_;
  RunFacts facts_;  // with the current step
  std::string folder_;
  std::int64_t saved_step_;  // of the checkpoint in the folder; -1: none of this run
  std::int64_t first_step_;
  std::int64_t interval_;
  const TensorInfo* loss_ = instance_.loss();
  const TensorInfo* learning_rate_;
  TrainingLog log_;
  Clock::time_point start_ = Clock::now();

  double sum_ = 0;     // of losses since the last row, by example
  double weight_ = 0;  // how many examples
  double smooth_ = 0;
  std::optional<double> last_dev_;
  std::int64_t last_row_ = -1;
};

void Session::count_loss(double loss, std::int64_t batch) {
  sum_ += loss * static_cast<double>(batch);
  weight_ += static_cast<double>(batch);
  // A mean at first, then one that forgets.
  const auto steps = static_cast<double>(facts_.step - first_step_);
  smooth_ += (loss - smooth_) * std::max(1 / steps, 0.002);
}

std::optional<double> Session::dev_loss() {
  const std::int64_t available = dataset_.examples(Split::kDev);
  if (available == 0 || loss_ == nullptr || instance_.model().evaluate.run == nullptr) return {};
  // As many examples as a few per cent of the time since the last one allow.
  const std::int64_t limit = std::max(instance_.model().max_batch, interval_ * facts_.batch);
  const Evaluation dev = evaluate(instance_, dataset_, Split::kDev, limit, team_);
  batches_.inputs_changed();
  return dev.averages.front().value;
}

void Session::write_row() {
  if (last_row_ == facts_.step) return;
  last_row_ = facts_.step;
  const bool last = facts_.step == facts_.steps;
  LogRow row{.step = facts_.step};
  if (weight_ > 0) row.loss = sum_ / weight_;
  if (learning_rate_ != nullptr) {
    row.learning_rate = scalar_of(instance_.arena(), *learning_rate_);
  }
  if (last || facts_.step % (interval_ * kRowsPerDev) == 0) row.dev_loss = last_dev_ = dev_loss();
  row.seconds = log_.seconds_before() + Seconds(Clock::now() - start_).count();
  log_.append(row);
  sum_ = weight_ = 0;
}

void Session::save() {
  if (const char* name = find_not_finite(instance_)) {
    fail_diverged(fmt::format("\"{}\" is no longer finite", name));
  }
  save_checkpoint(folder_, instance_, facts_);
  saved_step_ = facts_.step;
}

void Session::fail_diverged(const std::string& what) const {
  std::string text = fmt::format("{} at step {}", what, grouped(facts_.step));
  if (saved_step_ >= 0) {
    text += fmt::format("; {} still holds step {}", checkpoint_path(folder_), grouped(saved_step_));
  } else {
    text += "; no checkpoint was written";
  }
  if (instance_.has_setting("learning_rate")) {
    text += fmt::format("; try a learning rate below {:g}: --lr X",
                        instance_.settings()["learning_rate"]);
  }
  throw DataError(text);
}

int Session::run(const std::string& command, const InterruptGuard& interrupt) {
  const core::Environment of_all_steps;
  std::byte* const arena = instance_.arena();
  const core::Model& model = instance_.model();
  Progress progress(stdout, Progress::style_of(stdout), facts_.step, facts_.steps, start_);
  Clock::time_point clock_read = start_;
  Clock::time_point saved = start_;
  Seconds save_every = kCheckpointLeast;
  std::int64_t clock_every = 1;
  std::int64_t until_clock = clock_every;
  std::int64_t next_row = facts_.step - facts_.step % interval_ + interval_;

  while (facts_.step < facts_.steps && !interrupt.requested()) {
    const std::int64_t batch = batches_.load(facts_.step, arena);
    model.train.run(arena, batch, team_);
    ++facts_.step;
    if (loss_ != nullptr) {
      const double loss = read_loss();
      if (!std::isfinite(loss)) {
        fail_diverged(std::isnan(loss) ? "the loss is not a number" : "the loss is infinite");
      }
      count_loss(loss, batch);
    }
    if (facts_.step == next_row) {
      write_row();
      next_row += interval_;
    }
    if (--until_clock > 0) continue;
    const Clock::time_point now = Clock::now();
    const Seconds passed = now - clock_read;
    if (passed < kClockInterval / 2) clock_every *= 2;
    if (passed > kClockInterval * 2 && clock_every > 1) clock_every /= 2;
    clock_read = now;
    until_clock = clock_every;
    progress.update(facts_.step, smooth_loss(), now);
    if (now - saved >= save_every && facts_.step < facts_.steps) {
      save();
      saved = Clock::now();
      save_every = std::max(kCheckpointLeast, kCheckpointShare * Seconds(saved - now));
    }
  }

  const Seconds seconds = Clock::now() - start_;
  write_row();
  save();  // before anything is said: the terminal may be gone
  progress.finish(facts_.step, smooth_loss(), Clock::now());
  if (facts_.step < facts_.steps) {
    fmt::print("stopped at step {}; `{} -o {} --resume` goes on\n", grouped(facts_.step), command,
               folder_);
    return kExitInterrupted;
  }
  const std::int64_t done = facts_.step - first_step_;
  fmt::print("{} steps in {}, {}{}\n", grouped(done), duration_text(seconds.count()),
             rate_text(static_cast<double>(done) / std::max(seconds.count(), 1e-9)),
             last_dev_ ? fmt::format(", dev loss {:.4f}", *last_dev_) : "");
  fmt::print("wrote {} and {}\n", checkpoint_path(folder_), log_path(folder_));
  return kExitDone;
}

void print_header(const core::Model& model, const RunData& data, const RunFacts& facts,
                  int threads) {
  fmt::print("{}: {} parameters, batch {}, {} thread{}\n", model.name,
             grouped(parameter_count(model)), facts.batch, threads, threads == 1 ? "" : "s");
  fmt::print("{}: {}\n", data.source.name.empty() ? "data" : data.source.name,
             data.dataset->summary());
  std::fflush(stdout);
}

void require_trainable(const core::Model& model) {
  if (model.train.run == nullptr) {
    throw DataError(
        fmt::format("{} ({}) minimises and updates nothing, so there is nothing to "
                    "train",
                    model.name, model.source));
  }
}

std::int64_t stored_batch(const core::Model& model, const RunFacts& facts,
                          const std::string& folder) {
  if (facts.batch >= 1 && facts.batch <= model.max_batch) return facts.batch;
  throw DataError(
      fmt::format("{}: trained in batches of {}, but {} was generated for 1 to {}; "
                  "--batch N changes it",
                  checkpoint_path(folder), facts.batch, model.name, model.max_batch));
}

void require_untrained(const TrainOptions& options) {
  if (options.force || !holds_checkpoint(options.folder)) return;
  throw DataError(
      fmt::format("{}: a trained model is there already; --resume goes on with it, "
                  "--force sets it aside and starts anew",
                  options.folder));
}

void require_same_data(const RunFacts& before, const Source& source, const std::string& folder) {
  if (source.hash() == before.data_hash) return;
  throw DataError(
      fmt::format("{}: not the data that {} was trained on; --resume goes on with the "
                  "same file only",
                  source.name, folder));
}

}  // namespace

int train(const core::Model& model, const TrainOptions& options) {
  require_trainable(model);
  // What the command line asks for is checked before any file is.
  Instance instance(model, Instance::Purpose::kRun);
  apply_options(instance, options);
  choose_batch(model, options.batch);

  std::unique_ptr<SafetensorsFile> checkpoint;
  std::optional<RunFacts> facts;
  std::optional<RunLock> lock;
  if (options.resume) {
    // Before the checkpoint is read: another training would go on changing it.
    if (holds_checkpoint(options.folder)) lock.emplace(options.folder);
    checkpoint = open_checkpoint(options.folder);
    require_model(*checkpoint, model);
    facts = read_facts(*checkpoint);
  } else {
    require_untrained(options);
  }
  const RunFacts* before = facts ? &*facts : nullptr;

  const std::uint64_t seed = choose_seed(options, before);
  const auto weights =
      options.weights ? std::make_unique<Weights>(*options.weights, model) : nullptr;
  const Alphabet alphabet =
      before != nullptr    ? run_alphabet(model, *before, options.folder, options.tokenizer)
      : weights != nullptr ? weights_alphabet(model, *weights, options.tokenizer)
                           : new_alphabet(model, options.tokenizer);
  const RunData data = open_data(
      model, alphabet,
      {.path = options.data, .facts = before, .scratch_folder = options.folder, .seed = seed});
  if (before != nullptr) require_same_data(*before, data.source, options.folder);
  const std::int64_t batch = before != nullptr && options.batch == 0
                                 ? stored_batch(model, *before, options.folder)
                                 : choose_batch(model, options.batch);
  Batches batches(*data.dataset, model.dataset.order, seed, batch);
  const std::int64_t steps = choose_steps(model, options, before, batches);

  if (before != nullptr) {
    load_tensors(*checkpoint, instance);
  } else {
    instance.initialise(seed);
    if (weights != nullptr) weights->load(instance);
  }
  apply_settings(instance, options, before, seed, steps);
  RunFacts now{.model = model.name,
               .step = before != nullptr ? before->step : 0,
               .steps = steps,
               .batch = batch,
               .seed = seed,
               .data = is_built_in(data.source) ? "" : data.source.name,
               .data_hash = data.source.hash(),
               .settings = instance.settings()};
  if (const Vocabulary* vocabulary = data.dataset->vocabulary())
    now.vocabulary = vocabulary->text();
  if (alphabet.tokenizer) now.tokenizer_hash = alphabet.tokenizer->files.hash();
  if (now.step >= steps) {
    fmt::print("{} has its {} steps already; --steps N asks for more\n", options.folder,
               grouped(now.step));
    return kExitDone;
  }

  const int threads = choose_threads(model, batch, options.threads);
  core::Team team(threads);
  // As soon as there is a folder, a signal leaves a checkpoint in it.
  const InterruptGuard interrupt;
  make_folder(options.folder);
  if (before == nullptr) {
    lock.emplace(options.folder);
    require_untrained(options);  // still: nobody else had the lock before
    set_aside_old_run(options.folder);
    if (alphabet.tokenizer) alphabet.tokenizer->files.write(options.folder);
  }
  print_header(model, data, now, threads);
  return Session(instance, *data.dataset, batches, team, now, options)
      .run(options.command, interrupt);
}

}  // namespace gradc::app
