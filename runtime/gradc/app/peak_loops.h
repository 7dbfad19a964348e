// The loops behind peak.h. Each source that includes this compiles them for its instruction set and
// defines one PeakLoops, or the ComputeLoop of bf16.
#pragma once

#include <gradc/core/narrow.h>
#include <gradc/core/vector.h>

#include <cstddef>
#include <cstdint>

namespace gradc::app {

// Does flop_per_round * rounds operations. The value means nothing, and is there so that no
// compiler drops the work.
struct ComputeLoop {
  double (*run)(std::int64_t rounds);
  double flop_per_round;
};

struct PeakLoops {
  const char* name;
  ComputeLoop f32, f64;
  double (*read)(const float* p, std::size_t count);  // `count` numbers; the value as above
};

namespace {

// One multiply-add per accumulator and round: enough accumulators to hide its latency, few enough
// for the registers, named because an indexed array would live in memory.
template <class V, int accumulators, class Next>
GRADC_INLINE double accumulate(std::int64_t rounds, Next next) {
  using core::splat;
  V a0 = splat<V>(0), a1 = splat<V>(1), a2 = splat<V>(2), a3 = splat<V>(3), a4 = splat<V>(4);
  V a5 = splat<V>(5), a6 = splat<V>(6), a7 = splat<V>(7), a8 = splat<V>(8), a9 = splat<V>(9);
  for (std::int64_t i = 0; i < rounds; ++i) {
    a0 = next(a0), a1 = next(a1), a2 = next(a2), a3 = next(a3), a4 = next(a4);
    if constexpr (accumulators == 10) {
      a5 = next(a5), a6 = next(a6), a7 = next(a7), a8 = next(a8), a9 = next(a9);
    }
  }
  const V all = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9;
  return static_cast<double>(core::sum(all));
}

// Without hardware for fused ones, a multiplication and an addition.
template <class V, int accumulators, bool fused>
double compute_loop(std::int64_t rounds) {
  const V x = core::splat<V>(0.999f);
  const V y = core::splat<V>(0.001f);
  return accumulate<V, accumulators>(rounds, [&](V a) GRADC_INLINE_LAMBDA {
    if constexpr (fused) {
      return core::fma(a, x, y);
    } else {
      return a * x + y;
    }
  });
}

// Two multiply-adds in each lane, which cancel out, so that no sum grows.
template <int accumulators>
double dot_loop(std::int64_t rounds) {
  const core::bf16 ones[] = {1.0f, 1.0f}, signs[] = {1.0f, -1.0f};
  const core::bf16x32 x = core::splat_pair(ones), y = core::splat_pair(signs);
  return accumulate<core::f32x16, accumulators>(
      rounds, [&](core::f32x16 a) GRADC_INLINE_LAMBDA { return core::dot(x, y, a); });
}

inline double read_loop(const float* p, std::size_t count) {
  using core::f32x16;
  using core::load;
  auto a0 = core::splat<f32x16>(0), a1 = a0, a2 = a0, a3 = a0;
  for (std::size_t i = 0; i + 64 <= count; i += 64) {
    a0 = a0 + load<f32x16>(p + i);
    a1 = a1 + load<f32x16>(p + i + 16);
    a2 = a2 + load<f32x16>(p + i + 32);
    a3 = a3 + load<f32x16>(p + i + 48);
  }
  return static_cast<double>(core::sum(a0 + a1 + a2 + a3));
}

// `accumulators` is 10, or 5 where a vector takes two registers or more.
template <int accumulators, bool fused>
constexpr PeakLoops peak_loops() {
  using core::f32x16;
  using core::f64x8;
  return {
      .name = core::kTargetName,
      .f32 = {compute_loop<f32x16, accumulators, fused>, 2.0 * accumulators * core::kLanes<f32x16>},
      .f64 = {compute_loop<f64x8, accumulators, fused>, 2.0 * accumulators * core::kLanes<f64x8>},
      .read = read_loop};
}

template <int accumulators>
constexpr ComputeLoop peak_of_dots() {
  return {dot_loop<accumulators>, 4.0 * accumulators * core::kLanes<core::f32x16>};
}

}  // namespace
}  // namespace gradc::app
