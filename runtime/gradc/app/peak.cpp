#include <gradc/app/peak.h>
#include <gradc/app/peak_loops.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

namespace gradc::app {

#if defined(__x86_64__)
extern const PeakLoops kPeakAvx2;
extern const PeakLoops kPeakAvx512;
extern const ComputeLoop kPeakAvx512Bf16;
#endif

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRepeats = 5;
constexpr double kSeconds = 0.004;  // of each

#if defined(GRADC_TARGET_SSE2) || !(defined(__FMA__) || defined(__ARM_FEATURE_FMA))
constexpr PeakLoops kPeakBaseline = peak_loops<5, false>();
#else
constexpr PeakLoops kPeakBaseline = peak_loops<5, true>();
#endif

const PeakLoops& widest_loops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("fma")) {
    return kPeakAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kPeakAvx2;
#endif
  return kPeakBaseline;
}

const ComputeLoop& loop_of(Products products) {
  const PeakLoops& loops = widest_loops();
#if defined(__x86_64__)
  const bool dots = &loops == &kPeakAvx512 && __builtin_cpu_supports("avx512bf16");
  if (products == Products::kBf16 && dots) return kPeakAvx512Bf16;
#endif
  return products == Products::kF64 ? loops.f64 : loops.f32;
}

std::atomic<double> ignored;

// Runs work(member, members, count) with a count that takes about kSeconds, and gives the highest
// rate of count per second. The highest, because all that disturbs only slows down.
template <class Work>
double highest_rate(core::Team& team, std::int64_t count, Work work) {
  double best = 0;
  for (int repeat = 0; repeat < kRepeats;) {
    const auto start = Clock::now();
    team.run([&](int member, int members) { ignored = work(member, members, count); });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (seconds < kSeconds) {
      count *= 2;
      continue;
    }
    best = std::max(best, static_cast<double>(count) / seconds);
    ++repeat;
  }
  return best;
}

}  // namespace

const char* name_of(Products products) {
  static constexpr const char* kNames[] = {"f32", "f64", "bf16"};
  return kNames[static_cast<int>(products)];
}

double measure_peak_flops(Products products, core::Team& team) {
  const ComputeLoop& loop = loop_of(products);
  const double rounds =
      highest_rate(team, 1000, [&](int, int, std::int64_t count) { return loop.run(count); });
  return rounds * loop.flop_per_round * team.members();
}

double measure_read_rate(std::int64_t bytes, core::Team& team) {
  constexpr std::int64_t kMost = std::int64_t{256} << 20;  // beyond any cache
  constexpr std::int64_t kLeast = std::int64_t{16} << 10;
  const auto floats = static_cast<std::size_t>(std::clamp(bytes, kLeast, kMost)) / sizeof(float);
  const std::vector<float> block(floats, 1.0f);
  const PeakLoops& loops = widest_loops();
  const double rounds = highest_rate(team, 1, [&](int member, int members, std::int64_t count) {
    const std::size_t share = floats / static_cast<std::size_t>(members);
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      sum += loops.read(block.data() + static_cast<std::size_t>(member) * share, share);
    }
    return sum;
  });
  return rounds * static_cast<double>(floats * sizeof(float));
}

const char* widest_registers() { return widest_loops().name; }

}  // namespace gradc::app
