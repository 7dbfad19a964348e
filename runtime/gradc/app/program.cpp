#include <fmt/format.h>
#include <gradc/app/bench.h>
#include <gradc/app/check.h>
#include <gradc/app/checkpoint.h>
#include <gradc/app/errors.h>
#include <gradc/app/eval_command.h>
#include <gradc/app/export.h>
#include <gradc/app/info.h>
#include <gradc/app/program.h>
#include <gradc/app/sampler.h>
#include <gradc/app/trainer.h>
#include <gradc/app/utf8.h>
#include <gradc/app/values.h>
#include <gradc/core/targets.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <system_error>

namespace gradc::app {
namespace {

using Models = std::span<const core::Model* const>;

constexpr int kMostThreads = 1024;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 53;  // exact in a double
constexpr std::int64_t kMostItems = std::int64_t{1} << 31;

std::string names_of(Models models) {
  std::vector<std::string_view> names;
  for (const core::Model* model : models) names.push_back(model->name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool has_no_inputs(const core::Model& model) {
  return tensors_of(model, core::Role::kInput).empty() && model.train.run == nullptr;
}

// Whether the whole text is a number of the type.
template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size();
}

// Both rewrite the text as it was understood: CLI11 would read 010 as eight.
CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  const auto complaint = [=](std::string& text) -> std::string {
    std::int64_t value;
    if (!parse_number(text, value)) return text + " is no whole number";
    if (value < least) return fmt::format("{} is less than {}", value, least);
    if (value > most) return fmt::format("{} is more than {}", value, most);
    text = std::to_string(value);
    return "";
  };
  return CLI::Validator(complaint, "");
}

CLI::Validator seed_number() {
  const auto complaint = [](std::string& text) -> std::string {
    std::uint64_t value;
    if (!parse_number(text, value)) return text + " is no whole number from 0 to 2^64 - 1";
    text = std::to_string(value);
    return "";
  };
  return CLI::Validator(complaint, "");
}

CLI::Validator finite_number(double least = std::numeric_limits<double>::lowest()) {
  const auto complaint = [=](std::string& text) -> std::string {
    double value;
    if (!parse_number(text, value) || !std::isfinite(value)) return text + " is no finite number";
    return value < least ? fmt::format("{} is less than {}", text, least) : "";
  };
  return CLI::Validator(complaint, "");
}

// NAME=VALUE
std::pair<std::string, double> parse_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  double value = 0;
  const bool good = equals != std::string::npos && parse_number(text.substr(equals + 1), value) &&
                    std::isfinite(value);
  if (!good)
    throw UsageError(fmt::format("--set {}: NAME=VALUE is wanted, the value a number", text));
  return {text.substr(0, equals), value};
}

WeightType parse_dtype(const std::string& text) {
  if (text == "f32") return WeightType::kF32;
  if (text == "f16") return WeightType::kF16;
  if (text == "bf16") return WeightType::kBf16;
  throw UsageError(fmt::format("--dtype {}: f32, f16 or bf16 is wanted", text));
}

// One run of the program: the options as they are parsed, then the command that was chosen.
class Program {
 public:
  Program(std::string name, Models models)
      : name_(std::move(name)), models_(models), app_("", name_) {
    declare();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
      pick_targets();
      return command_ ? command_() : run_alone();
    } catch (const CLI::Success& request) {  // --help
      app_.exit(request);
      return kExitDone;
    } catch (const CLI::ParseError& error) {
      return report_usage(error.what());
    } catch (const UsageError& error) {
      return report_usage(error.what());
    } catch (const DataError& error) {
      return report(error.what());
    } catch (const std::bad_alloc&) {
      return report("out of memory");
    } catch (const std::system_error& error) {  // threads that cannot be had
      return report(error.what());
    }
  }

 private:
  void pick_targets() const;

  void declare();
  void declare_train();
  void declare_eval();
  void declare_sample();
  void declare_export();
  void declare_bench();
  void declare_check();
  void declare_info();

  CLI::App* add_command(const char* name, const char* description, std::function<int()> command) {
    CLI::App* added = app_.add_subcommand(name, description);
    added->fallthrough();  // so that --model may follow
    added->set_help_flag("-h,--help", "Print this and stop");
    added->callback([this, command = std::move(command)] { command_ = command; });
    return added;
  }

  void add_threads(CLI::App* command, int& threads) {
    command->add_option("--threads", threads, "Threads; the numbers do not depend on it")
        ->transform(whole_number(1, kMostThreads))
        ->type_name("N");
  }

  void add_tokenizer(CLI::App* command, std::optional<std::string>& folder) {
    command
        ->add_option("--tokenizer", folder,
                     "Read text with the tokens of tokenizer.json, or vocab.json and merges.txt")
        ->type_name("FOLDER");
  }

  void add_weights(CLI::App* command, std::optional<std::string>& path) {
    command
        ->add_option("--weights", path,
                     "Parameters as PyTorch keeps them: a .safetensors file, or a folder")
        ->type_name("PATH");
  }

  void add_beam(CLI::App* command, std::optional<std::int64_t>& beam) {
    command
        ->add_option(
            "--beam", beam,
            "Answers: the best of what N open sequences lead to; default: 1, the likeliest "
            "token each time")
        ->transform(whole_number(1, kMostItems))
        ->type_name("N");
  }

  // The options that say which trained model is meant.
  void add_trained(CLI::App* command, TrainedOptions& trained) {
    auto* run =
        command->add_option("-m,--run", trained.folder, "Folder of the run; default: runs/MODEL");
    run->type_name("FOLDER");
    add_weights(command, trained.weights);
    command->get_option("--weights")->excludes(run);
    add_tokenizer(command, trained.tokenizer);
  }

  // A message may quote files that nobody vouches for.
  int report(const std::string& what) {
    std::fflush(stdout);
    fmt::print(stderr, "{}: error: {}\n", name_, printable(what));
    return kExitWrongData;
  }

  int report_usage(const std::string& what) {
    report(what);
    const auto chosen = app_.get_subcommands();
    fmt::print(stderr, "`{}{}{} --help` says more\n", name_, chosen.empty() ? "" : " ",
               chosen.empty() ? "" : chosen.front()->get_name());
    return kExitWrongUsage;
  }

  // The model of --model, or the only one.
  const core::Model& model() const {
    if (!model_name_.empty()) {
      for (const core::Model* model : models_) {
        if (model_name_ == model->name) return *model;
      }
      throw UsageError(fmt::format("--model {}: there is {}", model_name_, names_of(models_)));
    }
    if (models_.size() == 1) return *models_.front();
    throw UsageError(fmt::format("which model? --model NAME, one of {}", names_of(models_)));
  }

  // The same, but a run's own model goes before asking.
  const core::Model& model_of_run(const std::string& folder) const {
    if (model_name_.empty() && models_.size() > 1 && !folder.empty()) {
      const RunFacts facts = read_facts(*open_checkpoint(folder));
      for (const core::Model* model : models_) {
        if (facts.model == model->name) return *model;
      }
      throw DataError(fmt::format("{}: holds the model \"{}\", which is none of {}",
                                  checkpoint_path(folder), facts.model, names_of(models_)));
    }
    return model();
  }

  // The model that a command with `trained` works on; completes the folder.
  const core::Model& trained_model(TrainedOptions& trained) const {
    const core::Model& chosen = trained.weights ? model() : model_of_run(trained.folder);
    trained.folder = folder_or_default(trained.folder, chosen);
    return chosen;
  }

  // Those that a command without --model works on.
  std::vector<const core::Model*> chosen_models() const {
    if (!model_name_.empty()) return {&model()};
    return {models_.begin(), models_.end()};
  }

  // What the help says of a program that is compiled for several targets.
  std::string about_targets() const {
    const auto several = [](const core::Model* model) { return model->target != nullptr; };
    if (!std::any_of(models_.begin(), models_.end(), several)) return "";
    return fmt::format(
        "{}=NAME in the environment runs another target than the best for this machine; `info` "
        "prints it.\n",
        core::kTargetVariable);
  }

  static std::string folder_or_default(const std::string& folder, const core::Model& model) {
    return folder.empty() ? std::string("runs/") + model.name : folder;
  }

  int run_alone();

  std::string name_;
  Models models_;
  CLI::App app_;
  std::function<int()> command_;
  std::string model_name_;

  TrainOptions train_;
  EvalOptions eval_;
  SampleOptions sample_;
  ExportOptions export_;
  std::string dtype_ = "f32";
  BenchOptions bench_;
  CheckOptions check_;
  std::vector<std::string> settings_;
  bool json_ = false;
};

// Before a command begins, so that none of them stops in its midst.
void Program::pick_targets() const {
  for (const core::Model* model : models_) {
    if (model->target == nullptr) continue;
    try {
      model->target();
    } catch (const std::invalid_argument& error) {  // what the environment asks for
      throw UsageError(error.what());
    } catch (const std::runtime_error& error) {
      throw DataError(error.what());
    }
  }
}

void Program::declare() {
  app_.description(models_.size() == 1
                       ? fmt::format("Trains and runs the model {} ({}).", models_.front()->name,
                                     models_.front()->source)
                       : fmt::format("Trains and runs models: {}.", names_of(models_)));
  app_.set_help_flag("-h,--help", "Print this and stop");
  app_.get_formatter()->column_width(30);
  app_.require_subcommand(0, 1);
  if (models_.size() > 1) {
    app_.add_option("--model", model_name_, "Which model: " + names_of(models_))->type_name("NAME");
  }
  declare_train();
  declare_eval();
  declare_sample();
  declare_export();
  declare_bench();
  declare_check();
  declare_info();
  app_.footer(
      fmt::format("Examples:\n"
                  "  {0} train                              on the built-in data, into runs/{1}\n"
                  "  {0} train -i names.txt -o runs/first   on a file of yours\n"
                  "  {0} eval -m runs/first                 loss of the train, dev and test parts\n"
                  "  {0} sample -m runs/first -n 5          five new items\n"
                  "  {0} check                              are the gradients right?\n"
                  "\n"
                  "`{0} COMMAND --help` lists a command's options.\n"
                  "{2}"
                  "Exit status: 0 done, 1 the data or the model is wrong, 2 wrong usage, 130 "
                  "stopped by Ctrl-C.",
                  name_, models_.front()->name, about_targets()));
}

void Program::declare_train() {
  CLI::App* command = add_command("train", "Train, and keep the result in a folder", [this] {
    const core::Model& chosen = train_.resume ? model_of_run(train_.folder) : model();
    train_.folder = folder_or_default(train_.folder, chosen);
    for (const std::string& setting : settings_) train_.settings.push_back(parse_setting(setting));
    train_.command = name_ + " train";
    return train(chosen, train_);
  });
  command
      ->add_option("-i,--input", train_.data, "Data; default: what the run had, or built-in data")
      ->type_name("FILE");
  add_tokenizer(command, train_.tokenizer);
  add_weights(command, train_.weights);
  command->add_option("-o,--output", train_.folder, "Folder of the run; default: runs/MODEL")
      ->type_name("FOLDER");
  command->add_option("--steps", train_.steps, "Steps in all; default: what the model asks for")
      ->transform(whole_number(1, kMostSteps))
      ->type_name("N");
  command->add_option("--batch", train_.batch, "Examples a step; default: the largest possible")
      ->transform(whole_number(1, kMostItems))
      ->type_name("N");
  command->add_option("--lr", train_.learning_rate, "Learning rate")
      ->check(finite_number())
      ->type_name("X");
  command->add_option("--set", settings_, "Any setting of the model; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--seed", train_.seed,
                   fmt::format("Seed of all that is random; default: {}", kDefaultSeed))
      ->transform(seed_number())
      ->type_name("N");
  add_threads(command, train_.threads);
  auto* resume = command->add_flag("--resume", train_.resume,
                                   "Go on from the folder's checkpoint, to the same bits");
  command->add_flag("--force", train_.force, "Set an earlier run in the folder aside (NAME.1)")
      ->excludes(resume);
  command->get_option("--weights")->excludes(resume);
  command->footer(fmt::format(
      "Writes model.safetensors (parameters and optimizer state) and log.csv into the folder.\n"
      "Ctrl-C finishes the step, writes a checkpoint and exits with 130.\n"
      "\n"
      "Examples:\n"
      "  {0} train -i names.txt -o runs/a --steps 20000 --lr 0.05 --seed 7\n"
      "  {0} train -o runs/a --resume                  after Ctrl-C\n"
      "  {0} train -o runs/a --resume --steps 40000    longer than first planned",
      name_));
}

void Program::declare_eval() {
  CLI::App* command =
      add_command("eval", "Loss and other outputs of a trained model, a line a split",
                  [this] { return eval(trained_model(eval_.trained), eval_); });
  add_trained(command, eval_.trained);
  command->add_option("-i,--input", eval_.data, "Data; default: what the run was trained on")
      ->type_name("FILE");
  add_beam(command, eval_.beam);
  add_threads(command, eval_.threads);
  command->footer(fmt::format("Example:\n  {} eval -m runs/a -i names.txt", name_));
}

void Program::declare_sample() {
  CLI::App* command =
      add_command("sample", "New items from a trained model, what follows a prompt, or answers",
                  [this] { return sample(trained_model(sample_.trained), sample_); });
  add_trained(command, sample_.trained);
  command->add_option("-n,--count", sample_.count, "How many; default: 20 items, or 1 text")
      ->transform(whole_number(0, kMostItems))
      ->type_name("N");
  command
      ->add_option("--temperature", sample_.temperature,
                   "Below 1 the likely become likelier; 0: always the likeliest")
      ->check(finite_number(0))
      ->capture_default_str()
      ->type_name("X");
  command
      ->add_option("--prompt", sample_.prompt,
                   "What the text begins with, or what is to be answered; default for the latter: "
                   "each line of standard input")
      ->type_name("TEXT");
  command->add_option("--tokens", sample_.tokens, "Tokens after the prompt; default: 200")
      ->transform(whole_number(0, kMostItems))
      ->type_name("N");
  command->add_flag("!--no-slide", sample_.slide,
                    "Stop where the block is full, rather than forget the beginning");
  command->add_option("--top-k", sample_.top_k, "Draw among the K likeliest only")
      ->transform(whole_number(1, kMostItems))
      ->type_name("K");
  command->add_option("--seed", sample_.seed, "Other items for another seed")
      ->transform(seed_number())
      ->capture_default_str()
      ->type_name("N");
  add_beam(command, sample_.beam);
  add_threads(command, sample_.threads);
  command->footer(
      fmt::format("Examples:\n"
                  "  {0} sample -m runs/a -n 5\n"
                  "  {0} sample -m runs/a --temperature 0.8 --top-k 5 --seed 2\n"
                  "  {0} sample --weights gpt2 --prompt 'Once upon' --tokens 50   a model of text\n"
                  "  {0} sample -m runs/a --prompt 'one hundred' --beam 4         a model of pairs",
                  name_));
}

void Program::declare_export() {
  CLI::App* command = add_command("export", "A run's parameters as PyTorch keeps them", [this] {
    const core::Model& chosen = model_of_run(export_.folder);
    export_.folder = folder_or_default(export_.folder, chosen);
    export_.type = parse_dtype(dtype_);
    return export_weights(chosen, export_);
  });
  command->add_option("-m,--run", export_.folder, "Folder of the run; default: runs/MODEL")
      ->type_name("FOLDER");
  command
      ->add_option("-o,--output", export_.output,
                   "A .safetensors file, or a folder for model.safetensors and the tokenizer")
      ->required()
      ->type_name("PATH");
  command->add_option("--dtype", dtype_, "Type of the numbers: f32 (the default), f16 or bf16")
      ->type_name("TYPE");
  command->add_flag("--force", export_.force, "Replace what is there");
  command->footer(
      fmt::format("Example:\n  {} export -m runs/a -o weights.safetensors --dtype bf16", name_));
}

void Program::declare_bench() {
  CLI::App* command = add_command("bench", "Time a training step and each of its kernels", [this] {
    bench_.json = json_;
    if (json_) return bench(model(), bench_);
    for (const core::Model* model : chosen_models()) bench(*model, bench_);
    return kExitDone;
  });
  command->add_flag("--json", json_, "One JSON object");
  command->add_option("--batch", bench_.batch, "Examples a step; default: the largest possible")
      ->transform(whole_number(1, kMostItems))
      ->type_name("N");
  command->add_flag("--decode", bench_.decode, "One decoded position instead, the last one");
  add_threads(command, bench_.threads);
  command->footer(
      "Times are medians on random inputs. FLOP are those of contractions, a multiplication and "
      "an\n"
      "addition each counting as one; the share is of what this machine's registers can do, which\n"
      "is measured in the same run.");
}

void Program::declare_check() {
  CLI::App* command =
      add_command("check", "Hold the generated gradients against finite differences", [this] {
        int status = kExitDone;
        for (const core::Model* model : chosen_models()) {
          status = std::max(status, check(*model, check_));
        }
        return status;
      });
  command->add_option("--seed", check_.seed, "Seed of the parameters, inputs and coordinates")
      ->transform(seed_number())
      ->capture_default_str()
      ->type_name("N");
  command->footer(
      "The same model in double precision is held against central differences of its loss, then "
      "the\n"
      "model's own gradient against that one. Exit status 1 if one differs.");
}

void Program::declare_info() {
  CLI::App* command = add_command("info", "Parameters, memory and kernels of the model", [this] {
    if (json_) return info(model(), true);
    for (const core::Model* model : chosen_models()) info(*model, false);
    return kExitDone;
  });
  command->add_flag("--json", json_, "One JSON object");
}

int Program::run_alone() {
  bool any = false;
  for (const core::Model* model : chosen_models()) {
    if (!has_no_inputs(*model)) continue;
    if (any) fmt::print("\n");
    print_values(*model);
    any = true;
  }
  if (any) return kExitDone;
  fmt::print(stderr, "{}", app_.help());
  return kExitWrongUsage;
}

}  // namespace

int run(int argc, char** argv, Models models) {
  // A full disk and a file-size limit are to be errors of a write, not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  const std::string name =
      argc > 0 ? std::filesystem::path(argv[0]).filename().string() : models.front()->name;
  const int status = Program(name, models).run(argc, argv);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "{}: error: standard output cannot be written: {}\n", name,
               std::strerror(errno));
    return status == kExitDone ? kExitWrongData : status;
  }
  return status;
}

}  // namespace gradc::app
