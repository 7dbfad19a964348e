#include "driver/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "driver/host.h"
#include "emit/tuning.h"
#include "passes/lower.h"
#include "support/check.h"

namespace gradc::driver {
namespace {

// Tiles of each kernel that are tried: the cost model errs among its best few.
constexpr std::size_t kAlternatives = 4;
// What a tile has to gain, twice: less may be noise. And what its kernels have to take of all, for
// what is shorter cannot be timed that well.
constexpr double kGain = 0.03, kMatters = 0.01;

// One benchmark of the program, and what it times.
struct Workload {
  std::vector<std::string> arguments;
  std::vector<emit::Tunable> tunables;
  std::size_t units = 0;
};

// Microseconds: the least of all rounds.
struct Times {
  std::map<std::string, double> kernels;  // by key, in all places together
  double all = 0;

  void keep_less(const Times& other) {
    all = std::min(all, other.all);
    for (auto& [key, time] : kernels) time = std::min(time, other.kernels.at(key));
  }
};

// What `bench` of a program times.
const ir::Program& benched(const ir::Module& module) {
  for (const ir::Program* program : {&module.train, &module.gradient})
    if (!program->kernels.empty()) return *program;
  return module.evaluate;
}

std::string counted(int i, std::size_t count, const char* what) {
  return fmt::format("gradc tune: {} {} of {}\n", what, i, count);
}

class Tuner {
 public:
  Tuner(const std::vector<Graph>& models, const Settings& settings, int rounds)
      : models_(models), settings_(settings), rounds_(rounds) {
    for (const Graph& model : models) {
      const ir::Module module = passes::build_module(model);
      std::vector<std::string> arguments;
      if (models.size() > 1) arguments = {"--model", model.name.str()};
      for (const char* word : {"bench", "--json", "--threads", "1"}) arguments.emplace_back(word);
      add(benched(module), arguments);
      arguments.emplace_back("--decode");
      for (const ir::Module& decoder : module.decoder) add(decoder.train, arguments);
    }
  }

  Tuned run() {
    for (const auto& [key, shapes] : shapes_) tuned_.keys.push_back(key);
    if (shapes_.empty()) return std::move(tuned_);
    std::vector<emit::Tuning> tried(1);  // first of all, what the cost model prefers
    for (std::size_t i = 1; i < kAlternatives; ++i)
      if (const emit::Tuning tuning = alternative(i); !tuning.empty()) tried.push_back(tuning);
    const std::vector<Times> times = measure(tried);
    if (!tuned_.problem.empty()) return std::move(tuned_);
    for (std::size_t i = 1; i < times.size(); ++i)
      for (const auto& [key, shape] : tried[i]) keep_if_best(times, i, key, shape);
    Times before = times.front(), after = before;
    if (!tuned_.tuning.empty()) {
      const std::vector<Times> again = measure({{}, tuned_.tuning});
      if (!tuned_.problem.empty()) return std::move(tuned_);
      std::erase_if(tuned_.tuning, [&](const auto& kept) { return !gains(again, 1, kept.first); });
      before = again[0];
      after = again[1];
    }
    tabulate(before, after);
    return std::move(tuned_);
  }

 private:
  void add(const ir::Program& program, const std::vector<std::string>& arguments) {
    const emit::Target target = target_of(settings_.targets.front());
    workloads_.push_back(
        {arguments, emit::tunables(program, target), ir::units_of(program).size()});
    for (const emit::Tunable& tunable : workloads_.back().tunables)
      shapes_[tunable.key] = tunable.shapes;
  }

  emit::Tuning alternative(std::size_t i) const {
    emit::Tuning tuning;
    for (const auto& [key, shapes] : shapes_)
      if (i < shapes.size()) tuning[key] = shapes[i];
    return tuning;
  }

  static bool gains(const std::vector<Times>& times, std::size_t i, const std::string& key) {
    const double before = times[0].kernels.at(key);
    return before >= kMatters * times[0].all && times[i].kernels.at(key) < (1 - kGain) * before;
  }
  void keep_if_best(const std::vector<Times>& times, std::size_t i, const std::string& key,
                    const emit::TileShape& shape) {
    const double time = times[i].kernels.at(key);
    const auto best = best_.find(key);
    if (!gains(times, i, key) || (best != best_.end() && time >= best->second)) return;
    tuned_.tuning[key] = shape;
    best_[key] = time;
  }

  std::vector<Times> measure(const std::vector<emit::Tuning>& tunings) {
    std::vector<Program> programs;
    for (const emit::Tuning& tuning : tunings) {
      say(counted(static_cast<int>(programs.size()) + 1, tunings.size(), "compiles program"));
      Settings settings = settings_;
      settings.tuning = tuning;
      programs.push_back(build_program(generate(models_, settings), settings));
      tuned_.problem = programs.back().problem;
      if (!tuned_.problem.empty()) return {};
    }
    // They take turns, so that a machine whose clock drifts is unfair to all alike.
    std::vector<Times> least(programs.size());
    for (int round = 0; round < rounds_; ++round) {
      say(counted(round + 1, static_cast<std::size_t>(rounds_), "measures, round"));
      for (std::size_t i = 0; i < programs.size(); ++i) {
        const std::optional<Times> times = time(programs[i]);
        if (!times) {
          tuned_.problem = programs[i].path.string() + " bench --json failed; see above";
          return {};
        }
        if (round == 0)
          least[i] = *times;
        else
          least[i].keep_less(*times);
      }
    }
    return least;
  }

  std::optional<Times> time(const Program& program) const {
    Times times;
    for (const Workload& workload : workloads_) {
      const std::optional<std::string> text = output_of(program.path, workload.arguments);
      if (!text) return {};
      const auto report = nlohmann::json::parse(*text, nullptr, false);
      if (!report.is_object() || !report.contains("kernels")) return {};
      const auto& kernels = report["kernels"];
      CHECK(kernels.size() == workload.units, "bench times other kernels than there are");
      times.all += report["step_us"].get<double>();
      for (const emit::Tunable& tunable : workload.tunables)
        times.kernels[tunable.key] += kernels[tunable.unit]["step_us"].get<double>();
    }
    return times;
  }

  void tabulate(const Times& before, const Times& after) {
    tuned_.table = "   before    after   tile            kernel, in microseconds of a step\n";
    for (const auto& [key, shapes] : shapes_) {
      const auto kept = tuned_.tuning.find(key);
      const bool gained = kept != tuned_.tuning.end();
      std::string tile = fmt::format("{} x {}", shapes.front().rows, shapes.front().vectors);
      if (gained) tile += fmt::format(" -> {} x {}", kept->second.rows, kept->second.vectors);
      tuned_.table +=
          fmt::format("{:>9.2f}{:>9}   {:<15} {}\n", before.kernels.at(key),
                      gained ? fmt::format("{:.2f}", after.kernels.at(key)) : "", tile, key);
    }
    tuned_.table +=
        fmt::format("{:>9.2f}{:>9.2f}   {:<15} all kernels\n", before.all, after.all, "");
  }

  static void say(const std::string& text) { std::fputs(text.c_str(), stderr); }

  const std::vector<Graph>& models_;
  const Settings& settings_;
  int rounds_;
  std::vector<Workload> workloads_;
  std::map<std::string, std::vector<emit::TileShape>> shapes_;  // by key
  std::map<std::string, double> best_;                          // of what gained so far
  Tuned tuned_;
};

}  // namespace

Tuned tune(const std::vector<Graph>& models, const Settings& settings, int rounds) {
  return Tuner(models, settings, rounds).run();
}

}  // namespace gradc::driver
