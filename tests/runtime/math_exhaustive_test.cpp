// The functions of math.h on every float there is.
//
// The reference is the same function in f64, which math_test.cpp holds against MPFR; it is exact to
// a billionth of a unit of f32. Where that is too close to the bound, MPFR itself decides.
#include <gradc/core/math.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/exact.h"
#include "runtime/numbers.h"

namespace gradc::core {
namespace {

constexpr std::int64_t kFloats = std::int64_t{1} << 32;
constexpr std::int64_t kBlock = std::int64_t{1} << 16;

// The error of eight results in units in the last place of f32, by an f64 reference; 0 for equal
// results, among them NaN and NaN; NaN if only one is NaN.
GRADC_INLINE f64x8 error_in_ulp(f64x8 result, f64x8 reference) {
  float narrow[8];
  store(narrow, reference);
  const f64x8 rounded = load<f64x8>(narrow);
  const auto equal = (result == rounded) | ((result != result) & (rounded != rounded));
  const f64x8 power = from_bits(bits(reference) & splat<i64x8>(0x7ff0000000000000));
  const f64x8 unit = max(power * splat<f64x8>(0x1p-23), splat<f64x8>(0x1p-149));
  return select(equal, splat<f64x8>(0), abs(result - reference) / unit);
}

template <class F>
class EveryFloatTest : public ::testing::Test {};
TYPED_TEST_SUITE(EveryFloatTest, test::Functions, test::FunctionNames);

TYPED_TEST(EveryFloatTest, StaysWithinTheBound) {
  using F = TypeParam;
  constexpr double kDoubt = 1e-6;  // far more than the reference's own error
  const double bound = F::kBound.f32;

  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  double worst = 0;
  float worst_at = 0;
  int failures = 0;

  const auto work = [&] {
    test::Exact exact;
    for (std::int64_t begin; (begin = next.fetch_add(kBlock)) < kFloats;) {
      double block_worst = 0;
      float block_worst_at = 0;
      for (std::int64_t at = begin; at < begin + kBlock; at += 16) {
        const f32x16 x = from_bits(splat<i32x16>(static_cast<std::int32_t>(at)) + iota<i32x16>());
        float input[16], result[16];
        store(input, x);
        store(result, F()(x));
        for (int half = 0; half < 16; half += 8) {
          const f64x8 wide = load<f64x8>(input + half);
          const auto inside = abs(wide) <= splat<f64x8>(F::template kRange<float>);
          const f64x8 reference =
              select(inside | (wide != wide), F()(wide), splat<f64x8>(__builtin_nan("")));
          double error[8];
          store(error, error_in_ulp(load<f64x8>(result + half), reference));
          for (int k = 0; k < 8; ++k) {
            if (error[k] <= block_worst) continue;
            const float input_at = input[half + k];
            if (!(error[k] <= bound - kDoubt)) {
              error[k] = exact.ulp(F::kExact, input_at, result[half + k]);
              if (!(error[k] <= bound)) {
                const std::lock_guard lock(mutex);
                if (++failures <= 5) {
                  ADD_FAILURE() << F::kName << "(" << test::show(input_at) << ") is "
                                << test::show(result[half + k]) << ", off by " << error[k];
                }
              }
            }
            if (error[k] > block_worst) block_worst = error[k], block_worst_at = input_at;
          }
        }
      }
      const std::lock_guard lock(mutex);
      if (block_worst > worst) worst = block_worst, worst_at = block_worst_at;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(failures, 0);
  std::printf("%s: at most %.4f ulp, at %s\n", F::kName, worst, test::show(worst_at).c_str());
  EXPECT_GT(worst, 0.5) << "no function rounds every float to the nearest: the check is blind";
}

}  // namespace
}  // namespace gradc::core
