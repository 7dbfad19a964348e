#include "driver/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "driver/compile.h"
#include "driver/screen.h"

namespace gradc::driver {
namespace {

constexpr const char *kRun = "run", *kTune = "tune";

constexpr const char* kVersion = "gradc " GRADC_VERSION;

constexpr int kMostParts = 64;  // files

constexpr const char* kAbout =
    "A compiler for neural networks: a model declared in C++ in, plain C++ that trains it out.";

constexpr const char* kExamples = R"(Examples:
  gradc models/nplm.cpp -o out/               write out/nplm.gen.h, nplm.gen.cpp and nplm.main.cpp
  gradc models/nplm.cpp --emit=model          print the graph as it is declared
  gradc models/nplm.cpp --emit=gradient       print the graph that computes loss and gradients
  gradc models/nplm.cpp --emit=dot | dot -Tsvg > nplm.svg
  gradc models/nplm.cpp -DHIDDEN=64 -o out/   change a GRADC_OPTION of the declaration
  gradc models/nplm.cpp -o out/ --target=x86-64-v3,x86-64-v4
                                              also write out/nplm.x86-64-v3.gen.cpp and its like
  gradc models/gpt2.cpp -o out/ --parts=4     also write out/gpt2.kernels1.gen.cpp to kernels4
  gradc run models/nplm.cpp -- train -i names.txt
                                              generate, compile with $CXX, run
  gradc tune models/nplm.cpp                  measure which tiles are the fastest here

Exit status: 0 done, 1 the model or the data is wrong, 2 wrong usage.
A model file is read and evaluated, never executed.
)";

constexpr const char* kRunAbout =
    "Generate, compile with $CXX (g++ or clang++ if it is not set) and run a model's program.";

constexpr const char* kRunExamples = R"(What stands behind -- are the program's own arguments:
  gradc run models/nplm.cpp -- train -i names.txt -o runs/nplm
  gradc run models/nplm.cpp -- sample -m runs/nplm -n 20
  gradc run models/nplm.cpp -- --help

The program is kept in $XDG_CACHE_HOME/gradc and compiled again only when something has changed.
)";

constexpr const char* kTuneAbout =
    "Measure on this machine which tiles are the fastest, and write those that beat the cost "
    "model's to a file for --tuning. What is computed stays the same to the bit.";

constexpr const char* kTuneExamples = R"(Examples:
  gradc tune models/nplm.cpp                  write nplm.tuning.json
  gradc models/nplm.cpp -o out/ --tuning nplm.tuning.json

Programs with the best few tiles of each kernel are compiled with $CXX and run in turns, on one
thread. A tile is kept if it gains more than 3 %, twice. In a file that is there, only the tiles of
this model's kernels change. The machine should do nothing else meanwhile.
)";

// Two columns, options with the names of their values, no type names that CLI11 makes up.
class Help : public CLI::Formatter {
 public:
  Help() { column_width(30); }

  std::string make_usage(const CLI::App* app, std::string) const override {
    if (app->get_name() == kRun)
      return "\nUsage: gradc run MODEL.cpp [options] [-- arguments of the program]\n";
    if (app->get_name() == kTune)
      return "\nUsage: gradc tune MODEL.cpp [-o FILE] [options] [-- compile flags]\n";
    return "\nUsage: gradc MODEL.cpp [-o DIR | --emit=STAGE] [options] [-- compile flags]\n"
           "       gradc run MODEL.cpp [options] [-- arguments of the program]\n"
           "       gradc tune MODEL.cpp [-o FILE] [options] [-- compile flags]\n";
  }
  std::string make_subcommands(const CLI::App*, CLI::AppFormatMode) const override { return ""; }
  std::string make_positionals(const CLI::App*) const override { return ""; }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
};

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ',')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

// Puts targets in the order of the names that there are, best first. Returns what is wrong with
// them, or nothing.
std::string order_targets(std::vector<std::string>& targets) {
  std::vector<std::string> ordered;
  for (const char* name : {"native", "x86-64-v4", "x86-64-v3", "generic"}) {
    const auto count = std::count(targets.begin(), targets.end(), name);
    if (count > 1)
      return std::string(name) + " is named " + std::to_string(count) + " times, expected once";
    if (count == 1) ordered.emplace_back(name);
  }
  // It stands for the machine that compiles, of which the one that picks knows nothing.
  if (ordered.size() > 1 && ordered.front() == "native")
    return "expected native alone, found it with " + ordered[1];
  targets = std::move(ordered);
  return "";
}

constexpr Precision kPrecisions[] = {Precision::kFull, Precision::kBf16, Precision::kInt8};

using Check = std::function<std::string(const std::string&)>;

// CLI11's own check would list the words a second time in the help.
Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    std::string expected;
    for (const std::string& each : words) expected += (expected.empty() ? "" : ", ") + each;
    return "expected one of " + expected + ", found \"" + word + "\"";
  };
}

Check each_of(const Check& check) {
  return [check](const std::string& list) -> std::string {
    for (const std::string& word : split_at_commas(list))
      if (std::string mistake = check(word); !mistake.empty()) return mistake;
    return "";
  };
}

Check from_one_to(double largest) {
  return [largest](const std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0' && value >= 1 && value <= largest) return "";
    return "expected a number from 1 to " + std::to_string(static_cast<std::int64_t>(largest)) +
           ", found \"" + text + "\"";
  };
}

Check whole_from_one_to(int largest) {
  return [largest](const std::string& text) -> std::string {
    int count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error == std::errc() && rest == end && count >= 1 && count <= largest) return "";
    return "expected a whole number from 1 to " + std::to_string(largest) + ", found \"" + text +
           "\"";
  };
}

// "64000000", "64M": nothing if it is not a positive number of bytes.
std::optional<std::int64_t> bytes_of(const std::string& text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string unit(rest, end);
  const std::map<std::string, int> units = {{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}};
  const auto shift = units.find(unit);
  if (error != std::errc() || count < 1 || shift == units.end()) return {};
  if (count > std::numeric_limits<std::int64_t>::max() >> shift->second) return {};
  return count << shift->second;
}

void add_reading(CLI::App& app, Options& options) {
  frontend::Request& request = options.request;
  const char* group = "Reading the model";
  app.add_option("MODEL.cpp", request.file, "The file that declares the model")->required();
  app.add_option("-D", request.defines, "Set a GRADC_OPTION of the declaration")
      ->type_name("NAME=VALUE")
      ->group(group)
      ->allow_extra_args(false)
      ->check([](const std::string& define) -> std::string {
        const std::string name = define.substr(0, define.find('='));
        const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
        const bool good = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                          std::all_of(name.begin(), name.end(), is_word) &&
                          define.find('\n') == std::string::npos;
        return good ? "" : "expected NAME=VALUE, found \"" + define + "\"";
      });
  app.add_option("-I", request.includes, "Look for headers in DIR")
      ->type_name("DIR")
      ->group(group)
      ->allow_extra_args(false);
  app.add_option(
         "-p", request.build_dir,
         "The folder of compile_commands.json; without it, looked for from the file upwards")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--model", options.model, "Only the model of this name")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--target", options.targets,
                 "The CPU to write for: native (the default), x86-64-v3, x86-64-v4 or generic; of "
                 "several but native, with commas between them, the program picks where it runs")
      ->type_name("CPU[,CPU]...")
      ->allow_extra_args(false)
      ->check(each_of(one_of({"native", "x86-64-v3", "x86-64-v4", "generic"})))
      ->group("What to write");
  app.add_option(
         "--parts", options.parts,
         "Write the kernels of a target to so many files, which compile side by side (1; what "
         "pays for gradc run)")
      ->type_name("N")
      ->check(whole_from_one_to(kMostParts))
      ->group("What to write");
  app.add_option_function<std::string>(
         "--precision",
         [&](const std::string& name) {
           for (const Precision precision : kPrecisions)
             if (name == name_of(precision)) options.precision = precision;
         },
         "What products are made of: full (the default), bf16, or int8 for weights where nothing "
         "is trained")
      ->type_name("NAME")
      ->check(one_of({"full", "bf16", "int8"}))
      ->group("What to write");
  app.add_option_function<std::string>(
         "--max-memory", [&](const std::string& text) { options.max_memory = *bytes_of(text); },
         "Write no C++ for a model that takes more to train and run, its decoder apart; "
         "K, M and G are powers of 1024")
      ->type_name("BYTES")
      ->check([](const std::string& text) -> std::string {
        return bytes_of(text) ? ""
                              : "expected bytes as in 64000000, 64M or 2G, found \"" + text + "\"";
      })
      ->group("What to write");
}

void add_bounds(CLI::App& app, frontend::Bounds& bounds) {
  const char* group = "Bounds of reading";
  const auto add = [&](const char* name, auto& value, const char* what, const char* unit) {
    app.add_option(name, value, what)->type_name(unit)->group(group)->check(from_one_to(1e9));
  };
  const auto said = [](const std::string& what, std::int64_t value) {
    return what + " (" + std::to_string(value) + ")";
  };
  add("--max-steps", bounds.steps, said("Steps of constant evaluation", bounds.steps).c_str(), "N");
  add("--max-depth", bounds.depth, said("Nested calls", bounds.depth).c_str(), "N");
  add("--max-seconds", bounds.seconds,
      said("Seconds of computing", static_cast<std::int64_t>(bounds.seconds)).c_str(), "S");
  add("--max-megabytes", bounds.megabytes, said("Memory", bounds.megabytes).c_str(), "N");
}

void add_measuring(CLI::App& app, Options& options) {
  constexpr int kMostRounds = 1000;
  app.add_option("-o", options.out, "Write to this file (the model file's name with .tuning.json)")
      ->type_name("FILE")
      ->group("What to write");
  app.add_option("--rounds", options.rounds,
                 "How often each program is timed (" + std::to_string(options.rounds) + ")")
      ->type_name("N")
      ->check(whole_from_one_to(kMostRounds))
      ->group("Measuring");
}

int complain(const std::string& message) {
  support::Diagnostics diagnostics;
  diagnostics.error({}, message + "; see gradc --help");
  std::fputs(show(diagnostics, wants_color(2)).c_str(), stderr);
  return 2;
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv, int& status) {
  // What stands behind -- is not gradc's.
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> rest(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());

  Options options;
  CLI::App app(kAbout, "gradc");
  app.formatter(std::make_shared<Help>());
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", kVersion, "Print the version");
  app.footer(kExamples);
  const auto add_all = [&](CLI::App& to) {
    if (&to == &app) {
      to.add_option("-o", options.out, "Write to this folder (.)")
          ->type_name("DIR")
          ->group("What to write");
      std::string stages;
      for (const std::string& stage : stage_names()) stages += (stages.empty() ? "" : ", ") + stage;
      to.add_option("--emit", options.emit, "Print one stage instead: " + stages)
          ->type_name("STAGE")
          ->check(one_of(stage_names()))
          ->group("What to write");
      to.add_option("--depfile", options.depfile,
                    "Also write what was read, as a rule for make and ninja")
          ->type_name("FILE")
          ->group("What to write");
    }
    if (to.get_name() == kTune)
      add_measuring(to, options);
    else
      to.add_option("--tuning", options.tuning,
                    "Tiles that gradc tune has measured; the cost model decides on the others")
          ->type_name("FILE")
          ->group("What to write");
    add_reading(to, options);
    add_bounds(to, options.request.bounds);
  };
  const bool run = !arguments.empty() && arguments[0] == kRun;
  const bool tune = !arguments.empty() && arguments[0] == kTune;
  CLI::App* command = &app;
  if (run || tune) {
    command = run ? app.add_subcommand(kRun, kRunAbout) : app.add_subcommand(kTune, kTuneAbout);
    command->set_help_flag("-h,--help", "Print this help");
    command->footer(run ? kRunExamples : kTuneExamples);
  }
  if (tune) options.out.clear();
  add_all(*command);

  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(arguments);
  } catch (const CLI::Success& success) {
    status = app.exit(success);
    return {};
  } catch (const CLI::ParseError& error) {
    status = complain(error.what());
    return {};
  }
  std::vector<std::string> targets;
  for (const std::string& list : options.targets)
    for (std::string& target : split_at_commas(list)) targets.push_back(std::move(target));
  options.targets = std::move(targets);
  if (const std::string mistake = order_targets(options.targets); !mistake.empty()) {
    status = complain("--target: " + mistake);
    return {};
  }
  if (tune && options.targets.size() > 1) {
    status = complain("--target: expected one target to measure, found " + options.targets[0] +
                      " and " + options.targets[1]);
    return {};
  }
  if (run) {
    options.command = Options::Command::kRun;
    options.arguments = std::move(rest);
  } else {
    if (tune) options.command = Options::Command::kTune;
    options.request.flags = std::move(rest);
  }
  options.request.color = wants_color(2);
  return options;
}

}  // namespace gradc::driver
