// What this machine can do at best: multiply-adds and reads, for one thread and for all.
//
//   limits          a table
//   limits --json   the same as one object
#include <fmt/format.h>
#include <gradc/app/machine.h>
#include <gradc/app/peak.h>
#include <gradc/core/team.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using gradc::app::measure_peak_flops;
using gradc::app::Products;

// Far beyond any last-level cache.
constexpr std::int64_t kReadBytes = std::int64_t{1} << 30;

struct Limits {
  int threads;
  double f32_gflops, f64_gflops, bf16_gflops, read_gbytes;
};

Limits measure(int threads) {
  gradc::core::Team team(threads);
  return {threads, measure_peak_flops(Products::kF32, team) * 1e-9,
          measure_peak_flops(Products::kF64, team) * 1e-9,
          measure_peak_flops(Products::kBf16, team) * 1e-9,
          gradc::app::measure_read_rate(kReadBytes, team) * 1e-9};
}

}  // namespace

int main(int argc, char** argv) {
  const bool json = argc == 2 && std::strcmp(argv[1], "--json") == 0;
  if (argc > 1 && !json) {
    fmt::print(stderr, "usage: limits [--json]\n");
    return 2;
  }
  const gradc::app::Machine machine = gradc::app::inspect_machine();
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  std::vector<Limits> rows;
  for (int threads = 1; threads <= all; threads *= 2) rows.push_back(measure(threads));
  const std::vector<std::string> warnings = gradc::app::measuring_warnings(machine, all);

  if (json) {
    nlohmann::ordered_json object{{"processor", machine.processor},
                                  {"cores", machine.cores},
                                  {"registers", gradc::app::widest_registers()}};
    for (const Limits& row : rows) {
      object["limits"].push_back({{"threads", row.threads},
                                  {"f32_gflops", row.f32_gflops},
                                  {"f64_gflops", row.f64_gflops},
                                  {"bf16_gflops", row.bf16_gflops},
                                  {"read_gbytes", row.read_gbytes}});
    }
    object["warnings"] = warnings;
    fmt::print("{}\n", object.dump(2));
    return 0;
  }
  fmt::print("{}, {} cores, {} registers\n", machine.processor, machine.cores,
             gradc::app::widest_registers());
  for (const std::string& warning : warnings) fmt::print("warning: {}\n", warning);
  fmt::print("{:>8}{:>14}{:>14}{:>14}{:>14}\n", "threads", "f32 GFLOP/s", "f64 GFLOP/s",
             "bf16 GFLOP/s", "reads GB/s");
  for (const Limits& row : rows) {
    fmt::print("{:>8}{:>14.1f}{:>14.1f}{:>14.1f}{:>14.1f}\n", row.threads, row.f32_gflops,
               row.f64_gflops, row.bf16_gflops, row.read_gbytes);
  }
  return 0;
}
