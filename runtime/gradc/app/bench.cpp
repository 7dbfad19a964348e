#include <fmt/format.h>
#include <gradc/app/bench.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/machine.h>
#include <gradc/app/peak.h>
#include <gradc/app/random_inputs.h>
#include <gradc/core/environment.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

namespace gradc::app {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

constexpr double kWarmSeconds = 0.1;
constexpr double kMeasureSeconds = 0.5;
constexpr std::size_t kMostSamples = 2000;
constexpr std::size_t kLeastSamples = 5;
constexpr double kSampleSeconds = 20e-6;  // at least, so that reading the clock does not count

// Two measurements of the peak, before and after, should agree this well.
constexpr double kPeakDrift = 0.05;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// What the machine does at most.
struct Peak {
  Products of;
  double gflops = 0;
};

struct Figures {
  std::string name;
  std::string source;
  double us = 0;
  double predicted_us = 0;  // what computing or reading takes at best, whichever is longer
  double flop = 0;
  double bytes = 0;
  std::string peak_of;  // "bf16": what it multiplies
  double peak_gflops = 0;

  double gflops() const { return flop / us * 1e-3; }
  double share() const { return gflops() / peak_gflops; }
};

struct Report {
  std::string model;
  const char* entry = "";
  int threads = 1;
  std::int64_t batch = 1;
  Figures step;
  std::vector<Figures> kernels;
  std::vector<Peak> peaks;  // of all that it multiplies
  double read_gbytes = 0;
  Machine machine;
  std::vector<std::string> warnings;

  double peak_gflops(Products products) const {
    for (const Peak& peak : peaks)
      if (peak.of == products) return peak.gflops;
    return 0;
  }
};

// Which computation is the model's work, and the arena it needs.
struct Work {
  const char* name;
  const core::Entry* entry;
  Instance::Purpose purpose;
};

Work work_of(const core::Model& model) {
  if (model.train.run != nullptr) return {"train", &model.train, Instance::Purpose::kRun};
  if (model.gradient.run != nullptr) {
    return {"gradient", &model.gradient, Instance::Purpose::kCheck};
  }
  if (model.evaluate.run != nullptr) return {"evaluate", &model.evaluate, Instance::Purpose::kRun};
  throw DataError(fmt::format("{} ({}) computes nothing", model.name, model.source));
}

// Seconds of one step: the median of samples of as many steps as make the clock exact.
double time_step(const std::function<void()>& step) {
  const auto warm = Clock::now();
  std::int64_t steps = 0;
  do {
    step();
    ++steps;
  } while (seconds_since(warm) < kWarmSeconds);
  const double estimate = seconds_since(warm) / static_cast<double>(steps);
  const auto repeats = std::max<std::int64_t>(1, std::llround(kSampleSeconds / estimate));

  std::vector<double> samples;
  const auto start = Clock::now();
  while (samples.size() < kLeastSamples ||
         (samples.size() < kMostSamples && seconds_since(start) < kMeasureSeconds)) {
    const auto before = Clock::now();
    for (std::int64_t i = 0; i < repeats; ++i) step();
    samples.push_back(seconds_since(before) / static_cast<double>(repeats));
  }
  return median(std::move(samples));
}

// What two readings of the clock take by themselves.
double clock_seconds() {
  double least = 1;
  for (int i = 0; i < 1000; ++i) {
    const auto start = Clock::now();
    least = std::min(least, seconds_since(start));
  }
  return least;
}

// Seconds of each kernel within whole steps: the median over steps of the time between barriers.
std::vector<double> time_kernels(const core::Entry& entry, std::byte* arena, std::int64_t batch,
                                 core::Team& team) {
  const std::size_t count = entry.kernels.size();
  std::vector<std::vector<double>> samples(count);
  std::vector<Clock::time_point> times(count + 1);
  const auto start = Clock::now();
  while (samples.empty() || samples[0].size() < kLeastSamples ||
         (samples[0].size() < kMostSamples && seconds_since(start) < kMeasureSeconds)) {
    if (count == 0) break;
    team.run([&](int member, int members) {
      if (member == 0) times[0] = Clock::now();
      for (std::size_t k = 0; k < count; ++k) {
        entry.kernels[k].run(arena, batch, member, members);
        team.barrier();
        if (member == 0) times[k + 1] = Clock::now();
      }
    });
    for (std::size_t k = 0; k < count; ++k) {
      samples[k].push_back(std::chrono::duration<double>(times[k + 1] - times[k]).count());
    }
  }
  const double overhead = clock_seconds();
  std::vector<double> medians;
  for (auto& kernel : samples) {
    medians.push_back(std::max(1e-9, median(std::move(kernel)) - overhead));
  }
  return medians;
}

// The decoder where it has most to read: behind all other positions.
Work decoding_of(const core::Model& model) {
  return {"decode", &model.train, Instance::Purpose::kRun};
}
void place_last(Instance& instance) {
  for (const char* name : {"position", "decode/position"})
    if (const core::TensorInfo* input = find_tensor(instance.model(), core::Role::kInput, name)) {
      const std::vector<double> last(static_cast<std::size_t>(element_count(*input)),
                                     static_cast<double>(input->classes - 1));
      set_values(instance.arena(), *input, last);
    }
}

Products products_of(const core::Model& model, const core::KernelInfo& kernel) {
  if (model.element == core::Element::kF64) return Products::kF64;
  return kernel.dots_bf16 ? Products::kBf16 : Products::kF32;
}

std::vector<Peak> measure_peaks(const core::Model& model, const core::Entry& entry,
                                core::Team& team) {
  const auto measure = [&](Products products) -> Peak {
    return {products, measure_peak_flops(products, team) * 1e-9};
  };
  std::vector<Peak> peaks = {
      measure(model.element == core::Element::kF64 ? Products::kF64 : Products::kF32)};
  if (std::ranges::any_of(entry.kernels, &core::KernelInfo::dots_bf16))
    peaks.push_back(measure(Products::kBf16));
  return peaks;
}

// The peak of the whole step is what it would reach with each kernel at its own.
void sum_up(Report& report) {
  Figures& step = report.step;
  double time = 0;
  for (const Peak& peak : report.peaks) {
    double flop = 0;
    for (const Figures& kernel : report.kernels)
      if (kernel.peak_of == name_of(peak.of)) flop += kernel.flop;
    time += flop / peak.gflops;
    if (flop > 0)
      step.peak_of += (step.peak_of.empty() ? "" : " and ") + std::string(name_of(peak.of));
  }
  for (const Figures& kernel : report.kernels) step.predicted_us += kernel.predicted_us;
  if (step.peak_of.empty()) step.peak_of = name_of(report.peaks[0].of);
  step.peak_gflops = step.flop > 0 ? step.flop / time : report.peaks[0].gflops;
}

Report measure(const core::Model& whole, const BenchOptions& options) {
  if (options.decode && whole.decoder == nullptr)
    throw DataError(fmt::format("{} ({}) has no decoder: gradc --emit=decoder says why", whole.name,
                                whole.source));
  const core::Model& model = options.decode ? *whole.decoder : whole;
  const Work work = options.decode ? decoding_of(model) : work_of(model);
  Report report{.model = model.name, .entry = work.name};
  report.batch = choose_batch(model, options.batch);
  report.threads = choose_threads(model, report.batch, options.threads);
  report.machine = inspect_machine();
  report.warnings = measuring_warnings(report.machine, report.threads);

  Instance instance(model, work.purpose);
  instance.initialise(1);
  fill_random_inputs(instance, 1);
  if (options.decode) place_last(instance);
  // So that any number of steps leaves the parameters where they are.
  if (instance.has_setting("learning_rate")) instance.set_setting("learning_rate", 0);

  core::Team team(report.threads);
  const core::Environment of_all_steps;
  const std::vector<Peak> before = measure_peaks(model, *work.entry, team);
  report.step.us = 1e6 * time_step([&] { work.entry->run(instance.arena(), report.batch, team); });
  const auto kernel_seconds = time_kernels(*work.entry, instance.arena(), report.batch, team);
  const std::vector<Peak> after = measure_peaks(model, *work.entry, team);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double first = before[i].gflops, last = after[i].gflops;
    report.peaks.push_back({before[i].of, std::max(first, last)});
    if (std::abs(last - first) > kPeakDrift * first) {
      report.warnings.push_back(
          fmt::format("the machine's peak of {} was {:.1f} GFLOP/s before and {:.1f} "
                      "after: its speed is not steady",
                      name_of(before[i].of), first, last));
    }
  }
  const std::int64_t arena_bytes =
      work.purpose == Instance::Purpose::kRun ? model.arena_bytes : model.check_arena_bytes;
  report.read_gbytes = measure_read_rate(arena_bytes, team) * 1e-9;

  const auto items = static_cast<double>(report.batch);
  for (std::size_t k = 0; k < kernel_seconds.size(); ++k) {
    const core::KernelInfo& kernel = work.entry->kernels[k];
    Figures figures{.name = kernel.name,
                    .source = kernel.source,
                    .us = kernel_seconds[k] * 1e6,
                    .flop = kernel.flop_fixed + kernel.flop_per_item * items,
                    .bytes = kernel.bytes_fixed + kernel.bytes_per_item * items};
    const Products products = products_of(model, kernel);
    figures.peak_of = name_of(products);
    figures.peak_gflops = report.peak_gflops(products);
    figures.predicted_us =
        std::max(figures.flop / figures.peak_gflops, figures.bytes / report.read_gbytes) * 1e-3;
    report.kernels.push_back(figures);
  }
  report.step.flop = flop_of(*work.entry, report.batch);
  report.step.bytes = bytes_of(*work.entry, report.batch);
  sum_up(report);
  return report;
}

ordered_json machine_json(const Report& report) {
  ordered_json caches = ordered_json::object();
  for (const Cache& cache : report.machine.caches) caches[cache.name] = cache.bytes;
  ordered_json object{{"processor", report.machine.processor},
                      {"cores", report.machine.cores},
                      {"registers", widest_registers()},
                      {"cache_bytes", caches},
                      {"read_gbytes", report.read_gbytes}};
  if (report.machine.load >= 0) object["load"] = report.machine.load;
  return object;
}

ordered_json figures_json(const Figures& figures) {
  return {{"step_us", figures.us},
          {"predicted_us", figures.predicted_us},
          {"flop", figures.flop},
          {"gflops", figures.gflops()},
          {"peak_gflops", figures.peak_gflops},
          {"peak_of", figures.peak_of},
          {"share", figures.share()}};
}

void print_json(const Report& report) {
  ordered_json object{{"model", report.model},
                      {"threads", report.threads},
                      {"batch", report.batch},
                      {"entry", report.entry}};
  object.update(figures_json(report.step));
  object["kernels"] = ordered_json::array();
  for (const Figures& kernel : report.kernels) {
    ordered_json row{{"name", kernel.name}, {"source", kernel.source}};
    row.update(figures_json(kernel));
    object["kernels"].push_back(row);
  }
  object["machine"] = machine_json(report);
  object["warnings"] = report.warnings;
  fmt::print("{}\n", object.dump(2));
}

void print_row(const Figures& figures) {
  fmt::print("  {:<42}{:>11.2f}{:>11.2f}{:>14}", figures.name, figures.us, figures.predicted_us,
             grouped(static_cast<std::int64_t>(figures.flop)));
  if (figures.flop > 0) {
    fmt::print("{:>10.1f}{:>7.0f}% of {:<4}", figures.gflops(), 100 * figures.share(),
               figures.peak_of);
  } else {
    fmt::print("{:>10}{:>16}", "", "");
  }
  fmt::print("  {}\n", figures.source);
}

void print_text(const Report& report) {
  fmt::print("{}: {} step, batch {}, {} thread{}\n", report.model, report.entry, report.batch,
             report.threads, report.threads == 1 ? "" : "s");
  std::string caches;
  for (const Cache& cache : report.machine.caches) {
    caches += fmt::format(", {} {} KiB", cache.name, cache.bytes >> 10);
  }
  fmt::print("on {}, {} cores{}\n", report.machine.processor, report.machine.cores, caches);
  std::string peaks;
  for (const Peak& peak : report.peaks) {
    peaks += fmt::format("{}{:.1f} GFLOP/s of {}", peaks.empty() ? "" : ", ", peak.gflops,
                         name_of(peak.of));
  }
  fmt::print("peak {} ({}), reads of this model's memory {:.1f} GB/s\n", peaks, widest_registers(),
             report.read_gbytes);
  for (const std::string& warning : report.warnings) fmt::print("warning: {}\n", warning);
  fmt::print("\n  {:<42}{:>11}{:>11}{:>14}{:>10}{:>8}\n", "", "us", "at best", "FLOP", "GFLOP/s",
             "share");
  for (const Figures& kernel : report.kernels) print_row(kernel);
  Figures step = report.step;
  step.name = "the whole step";
  print_row(step);
  fmt::print("\n");
}

}  // namespace

int bench(const core::Model& model, const BenchOptions& options) {
  const Report report = measure(model, options);
  options.json ? print_json(report) : print_text(report);
  return kExitDone;
}

}  // namespace gradc::app
