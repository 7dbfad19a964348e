// gradc: the command. Reads a model file, runs the compiler, writes what was asked for.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "driver/bug_report.h"
#include "driver/compile.h"
#include "driver/host.h"
#include "driver/installation.h"
#include "driver/options.h"
#include "driver/output.h"
#include "driver/screen.h"
#include "driver/tune.h"
#include "driver/tuning_file.h"
#include "ir/diagnose.h"
#include "passes/decode.h"
#include "passes/entries.h"

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0, kFailed = 1;

int fail(const std::string& message, const support::Place& place = {}) {
  support::Diagnostics diagnostics;
  diagnostics.error(place, message);
  std::fputs(show(diagnostics, wants_color(2)).c_str(), stderr);
  return kFailed;
}

std::optional<std::vector<Graph>> read(const Options& options, std::vector<std::string>& files) {
  frontend::Reading reading = frontend::read_models(options.request);
  std::fputs(reading.screen.c_str(), stderr);
  std::fputs(show(reading.diagnostics, wants_color(2)).c_str(), stderr);
  if (reading.failed) return {};
  support::Diagnostics refusals;
  for (const Graph& model : reading.models)
    if (const auto decoder = passes::decode(passes::predict_of(model)); decoder && decoder->refusal)
      refusals.error(ir::place_of(model, decoder->refusal->location), decoder->refusal->message);
  std::fputs(show(refusals, wants_color(2)).c_str(), stderr);
  if (refusals.failed()) return {};
  files = std::move(reading.files);
  if (options.model.empty()) return std::move(reading.models);
  std::string names;
  for (Graph& model : reading.models) {
    if (model.name == std::string_view(options.model)) return std::vector<Graph>{std::move(model)};
    names += (names.empty() ? "" : ", ") + model.name.str();
  }
  fail("no model is called \"" + options.model + "\"; there is " + names, {options.request.file});
  return {};
}

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) != 0 || !written) return fail("cannot write to the standard output");
  return kDone;
}

// A rule for make: blanks, dollars and hashes of names are quoted.
std::string make_rule(const fs::path& target, const std::vector<std::string>& files) {
  const auto quoted = [](const std::string& name) {
    std::string safe;
    for (char c : name) {
      if (c == ' ' || c == '#' || c == '\\') safe += '\\';
      if (c == '$') safe += '$';
      safe += c;
    }
    return safe;
  };
  std::string rule = quoted(target.string()) + ":";
  // Clang names headers by ways through symbolic links and `..`, which build tools would shorten.
  for (const std::string& file : files) {
    std::error_code error;
    const fs::path real = fs::canonical(file, error);
    rule += " \\\n  " + quoted(error ? file : real.string());
  }
  return rule + "\n";
}

int write(const Generated& generated, const Options& options, const Settings& settings,
          const std::vector<std::string>& read_files) {
  std::vector<File> files = files_of(generated, settings, options.out);
  if (!options.depfile.empty())
    files.push_back({options.depfile, make_rule(files[0].path, read_files)});
  std::string problem = write_files(files);
  if (problem.empty()) problem = remove_old_kernels(files, settings, options.out);
  return problem.empty() ? kDone : fail(problem);
}

int run(const Generated& generated, const Options& options, const Settings& settings) {
  const Program program = build_program(generated, settings);
  if (!program.problem.empty()) return fail(program.problem);
  return fail(become(program.path, options.arguments));
}

// What the file says of other models' kernels stays.
int tune(const std::vector<Graph>& models, const Options& options, const Settings& settings) {
  emit::Tuning tuning;
  if (fs::exists(options.out)) {
    support::Diagnostics diagnostics;
    tuning = read_tuning(options.out, diagnostics);
    std::fputs(show(diagnostics, wants_color(2)).c_str(), stderr);
    if (diagnostics.failed()) return kFailed;
  }
  const Tuned tuned = driver::tune(models, settings, options.rounds);
  if (!tuned.problem.empty()) return fail(tuned.problem);
  for (const std::string& key : tuned.keys) tuning.erase(key);
  tuning.insert(tuned.tuning.begin(), tuned.tuning.end());
  if (const std::string problem = write_files({{options.out, tuning_text(tuning)}});
      !problem.empty())
    return fail(problem);
  return print(tuned.table);
}

int compile(Options options) {
  options.request.include_dir = include_dir().string();
  if (options.request.include_dir.empty())
    return fail(
        "the headers of models (gradc/dsl.h) are not found beside gradc; they are installed with "
        "it");
  const fs::path file = options.request.file;
  if (options.command == Options::Command::kTune) {
    if (options.out.empty()) options.out = file.stem().string() + ".tuning.json";
    // Not behind minutes of measuring.
    if (const std::string problem = why_not_writable(options.out); !problem.empty())
      return fail(problem);
  }
  std::vector<std::string> files;
  std::optional<std::vector<Graph>> models = read(options, files);
  if (!models) return kFailed;
  for (Graph& model : *models) {
    if (model.real != Element::kF32 && options.precision != Precision::kFull)
      return fail(
          "--precision is for models of f32; " + model.name.str() + " is of " + name_of(model.real),
          {options.request.file});
    model.precision = options.precision;
  }

  leave_models_on_a_bug(*models);
  // A program that is to be run at once is written for the processors that compile it.
  const bool run_now = options.command != Options::Command::kGenerate && options.parts == 0;
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  Settings settings{.stem = file.stem().string(),
                    .model_file = file.filename().string(),
                    .targets = options.targets,
                    .parts = run_now ? processors : std::max(1, options.parts),
                    .fewer = run_now,
                    .max_memory = options.max_memory};
  if (!options.tuning.empty()) {
    support::Diagnostics diagnostics;
    settings.tuning = read_tuning(options.tuning, diagnostics);
    std::fputs(show(diagnostics, wants_color(2)).c_str(), stderr);
    if (diagnostics.failed()) return kFailed;
    files.push_back(options.tuning);
  }
  if (!options.emit.empty() && options.emit != "cpp")
    return print(emit_stage(*models, options.emit, settings));
  const Generated generated = generate(*models, settings);
  std::fputs(show(generated.refusals, wants_color(2)).c_str(), stderr);
  if (generated.refusals.failed()) return kFailed;
  if (!options.emit.empty()) return print(generated.cpp());
  if (options.command == Options::Command::kTune) return tune(*models, options, settings);
  if (options.command == Options::Command::kRun) return run(generated, options, settings);
  return write(generated, options, settings, files);
}

}  // namespace
}  // namespace gradc::driver

int main(int argc, char** argv) {
  int status = 0;
  const auto options = gradc::driver::parse_options(argc, argv, status);
  return options ? gradc::driver::compile(*options) : status;
}
