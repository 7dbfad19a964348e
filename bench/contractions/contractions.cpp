// The matrix products of products.h, one thread: generated kernels beside the libraries that are
// named, in one process and by turns.
//
//   contractions --check                              only whether they give what they should
//   contractions [--openblas PATH] [--onednn PATH]    times, as one JSON object
//
// Nothing is printed of a run in which a side disagrees with the product in double.
#include <fmt/format.h>
#include <gradc/app/machine.h>
#include <gradc/app/peak.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "problem.h"
#include "sides.h"

namespace gradc::bench {
namespace {

using nlohmann::ordered_json;

constexpr double kTolerance = 1e-5;       // of the norm
constexpr double kSampleSeconds = 2e-4;   // at least, so that reading the clock does not count
constexpr std::size_t kLeastSamples = 3;  // in a turn

struct Options {
  bool check = false;
  std::string openblas, onednn;
  std::vector<std::string> layers;
  int rounds = 7;
  double seconds = 0.02;  // of a turn
};

const char* name_of(Case which) {
  return which == Case::kNN ? "NN" : which == Case::kNT ? "NT" : "TN";
}

// The processor time of this thread: what other programs take of a long product does not count.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Seconds of one product: the median of a turn's samples. The first one finds caches, and the
// library's buffers, as the side before has left them, and only tells how many make a sample.
double time_turn(const Side& side, const Problem& problem, double seconds) {
  side.multiply(problem);
  double start = now();
  side.multiply(problem);
  const double estimate = std::max(now() - start, 1e-9);
  const int repeats = std::max(1, static_cast<int>(std::ceil(kSampleSeconds / estimate)));
  std::vector<double> samples;
  const double turn = start = now();
  while (samples.size() < kLeastSamples || start - turn < seconds) {
    for (int i = 0; i < repeats; ++i) side.multiply(problem);
    const double end = now();
    samples.push_back((end - start) / repeats);
    start = end;
  }
  return median(std::move(samples));
}

// Throws if a side gives something else than the product in double.
void compare(const std::vector<Side>& sides, const Product& product, Problem& problem) {
  for (const Side& side : sides) {
    problem.spoil_result();
    side.multiply(problem);
    const double error = problem.error();
    if (!(error <= kTolerance))
      throw std::runtime_error(fmt::format("{} {}: {} is {:.1e} of the norm off, at most {:.0e}",
                                           product.layer, name_of(product.which), side.name, error,
                                           kTolerance));
  }
}

// By side, the median of all rounds in seconds.
std::vector<double> take_turns(const std::vector<Side>& sides, const Problem& problem,
                               const Options& options) {
  std::vector<std::vector<double>> times(sides.size());
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t side = 0; side < sides.size(); ++side)
      times[side].push_back(time_turn(sides[side], problem, options.seconds));
  std::vector<double> medians;
  for (auto& rounds : times) medians.push_back(median(std::move(rounds)));
  return medians;
}

ordered_json row_of(const Product& product, const Problem& problem, const std::vector<Side>& sides,
                    const std::vector<double>& seconds) {
  ordered_json row{{"name", product.layer},
                   {"case", name_of(product.which)},
                   {"m", problem.m()},
                   {"n", problem.n()},
                   {"k", problem.k()}};
  for (std::size_t side = 0; side < sides.size(); ++side)
    row["sides"][sides[side].name] = {{"us", seconds[side] * 1e6},
                                      {"gflops", problem.flop() / seconds[side] * 1e-9}};
  return row;
}

ordered_json measure(const Options& options, const std::vector<Product>& products,
                     const std::vector<Side>& sides) {
  core::Team team(1);
  double peak = 0;
  ordered_json rows = ordered_json::array();
  for (const Product& product : products) {
    Problem problem(product);
    compare(sides, product, problem);
    if (options.check) continue;
    // The highest there was: whatever else runs on the machine only lowers it.
    peak = std::max(peak, app::measure_peak_flops(app::Products::kF32, team) * 1e-9);
    rows.push_back(row_of(product, problem, sides, take_turns(sides, problem, options)));
  }
  if (const int threads = running_threads(); threads != 1)
    throw std::runtime_error(fmt::format("a library has started {} threads", threads - 1));
  double highest = 0;
  for (ordered_json& row : rows)
    for (ordered_json& side : row["sides"]) {
      const double share = side["gflops"].get<double>() / peak;
      side["share"] = share;
      highest = std::max(highest, share);
    }
  const app::Machine machine = app::inspect_machine();
  std::vector<std::string> warnings = app::measuring_warnings(machine, 1);
  if (highest > 1)
    warnings.push_back(fmt::format(
        "a side reached {:.2f} of the peak: that was measured while other programs ran", highest));
  ordered_json report{{"processor", machine.processor},
                      {"registers", app::widest_registers()},
                      {"peak_gflops", peak},
                      {"rounds", options.rounds},
                      {"warnings", warnings}};
  for (const Side& side : sides) report["versions"][side.name] = side.version;
  report["products"] = std::move(rows);
  return report;
}

void run(const Options& options) {
  stay_on_one_core();
  std::vector<Side> sides = {generated_side()};
  if (!options.openblas.empty()) sides.push_back(open_openblas(options.openblas));
  if (!options.onednn.empty()) sides.push_back(open_onednn(options.onednn));

  std::vector<Product> products = all_products();
  if (!options.layers.empty())
    std::erase_if(products, [&](const Product& product) {
      return std::count(options.layers.begin(), options.layers.end(), product.layer) == 0;
    });
  if (products.empty()) throw std::runtime_error("there are no such layers");

  const ordered_json report = measure(options, products, sides);
  if (options.check)
    fmt::print("{} products are right\n", products.size());
  else
    fmt::print("{}\n", report.dump(1));
}

}  // namespace
}  // namespace gradc::bench

int main(int argc, char** argv) {
  gradc::bench::Options options;
  CLI::App app("Matrix products, generated and by libraries, on one thread");
  app.add_flag("--check", options.check, "only whether the products are right");
  app.add_option("--openblas", options.openblas, "OpenBLAS, a shared object");
  app.add_option("--onednn", options.onednn, "oneDNN, a shared object");
  app.add_option("--layers", options.layers, "only these");
  app.add_option("--rounds", options.rounds, "turns of each side")->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds, "of a turn")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    gradc::bench::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "contractions: {}\n", error.what());
    return 1;
  }
  return 0;
}
