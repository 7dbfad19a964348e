// bf16 and int8: rounding against the definitions in narrow.h, for every number of 16 bits and many
// floats; memory, for every tail; sums of pairs in their order.
#include <gradc/core/narrow.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/numbers.h"

namespace gradc::core {
namespace {

using test::numbers;

constexpr int kWords = 1 << 16;

float of_word(int word) { return from_bits(static_cast<std::int32_t>(word) << 16); }

// By search among all that there are: the nearest, and of two the one whose word is even.
float nearest_bf16(double x) {
  if (std::isnan(x)) return NAN;
  if (std::fabs(x) < 0x1p-126) return std::copysign(0.0f, static_cast<float>(x));
  const float below = of_word(bits(std::fabs(static_cast<float>(x))) >> 16);
  double low = below, high = low;  // neighbours, and infinity where it would come next
  int word = bits(below) >> 16;
  if (low > std::fabs(x)) {
    low = of_word(--word);
  } else {
    high = word + 1 == 0x7f80 ? 0x1p128 : static_cast<double>(of_word(word + 1));
  }
  const double down = std::fabs(x) - low, up = high - std::fabs(x);
  const bool lower = std::isinf(low) || down < up || (down == up && word % 2 == 0);
  const double nearest = lower ? low : high;
  const float rounded = nearest == 0x1p128 ? INFINITY : static_cast<float>(nearest);
  return std::copysign(rounded, static_cast<float>(x));
}

TEST(Narrow, NumbersOfEightBitsStayAsTheyAre) {
  for (int word = 0; word < kWords; ++word) {
    const float x = of_word(word);
    const bool subnormal = x != 0 && std::fabs(x) < 0x1p-126f;
    ASSERT_SAME(round_to_bf16(x), subnormal ? std::copysign(0.0f, x) : x);
    ASSERT_SAME(round_to_bf16(static_cast<double>(x)), static_cast<double>(round_to_bf16(x)));
    ASSERT_SAME(static_cast<float>(bf16(x)), round_to_bf16(x));
  }
}

TEST(Narrow, RoundsToTheNearestAndTiesToEven) {
  for (int word = 0; word < kWords; word += 7) {
    for (const int rest : {0x0001, 0x7fff, 0x8000, 0x8001, 0xffff}) {
      const float x = from_bits((static_cast<std::int32_t>(word) << 16) | rest);
      if (std::isnan(x)) continue;
      ASSERT_SAME(round_to_bf16(x), nearest_bf16(x));
    }
  }
  for (const float x : numbers<float>(20000, 1)) ASSERT_SAME(round_to_bf16(x), nearest_bf16(x));
  // Once: in f32 this would be a tie, and even.
  EXPECT_EQ(round_to_bf16(0x1.01p0 + 0x1p-40), 0x1.02p0);
  EXPECT_EQ(round_to_bf16(0x1.01p0), 0x1p0);
  EXPECT_EQ(round_to_bf16(0x1.ffp127), double{INFINITY});
  EXPECT_EQ(round_to_bf16(-1e300), -double{INFINITY});
  // A NaN whose upper half alone is infinity stays one.
  EXPECT_SAME(static_cast<float>(bf16(from_bits(0x7f800001))), NAN);
}

template <class T>
void check_whole_numbers() {
  EXPECT_SAME(round_to_int8(T(-0.3)), T(0));
  EXPECT_SAME(round_to_int8(T(NAN)), T(0));
  EXPECT_SAME(round_to_int8(T(INFINITY)), T(127));
  EXPECT_SAME(round_to_int8(T(-1e9)), T(-127));
  for (const T x : numbers<T>(20000, 2)) {
    if (std::isnan(x)) continue;
    ASSERT_SAME(round_to_int8(x), std::nearbyint(std::fmin(std::fmax(x, T(-127)), T(127))) + T(0));
  }
  for (int i = -260; i <= 260; ++i)
    ASSERT_SAME(round_to_int8(T(i) / 2),
                std::nearbyint(std::fmin(std::fmax(T(i) / 2, T(-127)), T(127))) + T(0));
}
TEST(Narrow, RoundsToWholeNumbers) {
  check_whole_numbers<float>();
  check_whole_numbers<double>();
}

template <class V>
void check_lanes() {
  const auto list = numbers<ElementOf<V>>(64 * kLanes<V>, 3);
  for (std::size_t i = 0; i + kLanes<V> <= list.size(); i += kLanes<V>) {
    ElementOf<V> rounded[kLanes<V>], whole[kLanes<V>];
    store(rounded, round_to_bf16(load<V>(&list[i])));
    store(whole, round_to_int8(load<V>(&list[i])));
    for (int lane = 0; lane < kLanes<V>; ++lane) {
      ASSERT_SAME(rounded[lane], round_to_bf16(list[i + lane]));
      ASSERT_SAME(whole[lane], round_to_int8(list[i + lane]));
    }
  }
}
TEST(Narrow, LanesHaveTheBitsOfScalars) {
  check_lanes<f32x16>();
  check_lanes<f64x8>();
}

template <class T>
void check_memory(float (*round)(float)) {
  const std::vector<float> list = numbers<float>(64 * 16, 4);
  for (std::size_t i = 0; i + 16 <= list.size(); i += 16) {
    for (int n = 0; n <= 16; ++n) {
      T there[18];
      for (T& element : there) store(&element, 3.0f);
      if (n == 16)
        store(there + 1, load<f32x16>(&list[i]));
      else
        store_first(there + 1, load<f32x16>(&list[i]), n);
      float back[16];
      store(back, load<f32x16>(there + 1));
      EXPECT_EQ(load<float>(there), 3.0f);
      EXPECT_EQ(load<float>(there + 17), 3.0f);
      for (int lane = 0; lane < 16; ++lane) {
        ASSERT_SAME(back[lane], lane < n ? round(list[i + lane]) : 3.0f);
        ASSERT_SAME(load<float>(there + 1 + lane), back[lane]);
      }
    }
  }
}
TEST(Narrow, MemoryKeepsWhatIsRounded) {
  check_memory<bf16>([](float x) { return round_to_bf16(x); });
  check_memory<std::int8_t>([](float x) { return round_to_int8(x); });
}

TEST(Narrow, PairsAreSummedTheSecondFirst) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (int round = 0; round < 2000; ++round) {
    bf16 a[2], p[16], q[16];
    float sum[16], result[16];
    for (bf16& x : a) x = normal(random);
    for (bf16& x : p) x = normal(random);
    for (bf16& x : q) x = normal(random);
    for (float& x : sum) x = 100 * normal(random);
    store(result, dot(splat_pair(a), load_pairs(p, q), load<f32x16>(sum)));
    for (int lane = 0; lane < 16; ++lane)
      ASSERT_SAME(result[lane],
                  fma(float{a[0]}, float{p[lane]}, fma(float{a[1]}, float{q[lane]}, sum[lane])));
  }
  // Large enough that the order counts.
  bf16 one[2], p[16], q[16];
  float result[16];
  store(one, 1.0f);
  store(one + 1, 1.0f);
  for (int i = 0; i < 16; ++i) p[i] = 1, q[i] = 0x1p24f;
  store(result, dot(splat_pair(one), load_pairs(p, q), splat<f32x16>(-0x1p24f)));
  EXPECT_EQ(result[0], 1);
}

}  // namespace
}  // namespace gradc::core
