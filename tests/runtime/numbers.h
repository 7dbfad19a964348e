// Numbers to try a function on, and what it means for two results to be the same.
#pragma once

#include <gradc/core/vector.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <iomanip>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace gradc::test {

template <class T>
using Word = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;

template <class T>
Word<T> word_of(T x) {
  Word<T> word;
  std::memcpy(&word, &x, sizeof x);
  return word;
}

// Equal bits; the sign and payload of a NaN are left to the machine.
template <class T>
bool same(T a, T b) {
  return word_of(a) == word_of(b) || (a != a && b != b);
}

template <class T>
std::string show(T x) {
  std::ostringstream out;
  out << std::setprecision(std::numeric_limits<T>::max_digits10) << x << " (0x" << std::hex
      << std::uint64_t{word_of(x)} << ")";
  return out.str();
}

template <class T>
::testing::AssertionResult IsSame(const char* a_text, const char* b_text, T a, T b) {
  if (same(a, b)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << a_text << " is " << show(a) << ", " << b_text << " is " << show(b);
}
#define EXPECT_SAME(a, b) EXPECT_PRED_FORMAT2(::gradc::test::IsSame, a, b)
#define ASSERT_SAME(a, b) ASSERT_PRED_FORMAT2(::gradc::test::IsSame, a, b)

// The points that hurt: zeros, subnormals, neighbours of powers of two, infinities, NaN; for
// integers the ends of the range.
template <class T>
std::vector<T> special_numbers() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> numbers;
  if constexpr (std::is_floating_point_v<T>) {
    for (const T x :
         {T(0), Limits::denorm_min(), Limits::min() / 2, Limits::min(), T(0.25), T(0.5),
          1 - Limits::epsilon() / 2, T(1), 1 + Limits::epsilon(), T(1.5), T(2), T(3), T(0x1.8p23),
          T(0x1p31), T(0x1p51), T(0x1p52), Limits::max() / 2, Limits::max(), Limits::infinity()}) {
      numbers.push_back(x);
      numbers.push_back(-x);
    }
    numbers.push_back(Limits::quiet_NaN());
    numbers.push_back(-Limits::quiet_NaN());
  } else {
    numbers = {0,
               1,
               -1,
               2,
               3,
               -7,
               31,
               0x7fff,
               -0x8000,
               Limits::max(),
               Limits::min(),
               Limits::max() / 3,
               Limits::min() / 3};
  }
  return numbers;
}

// The special numbers, then random ones: any bits, so all magnitudes alike.
template <class T>
std::vector<T> numbers(std::size_t count, unsigned seed) {
  std::vector<T> result = special_numbers<T>();
  std::mt19937_64 random(seed);
  while (result.size() < count) {
    const std::uint64_t bits = random();
    T x;
    std::memcpy(&x, &bits, sizeof x);
    result.push_back(x);
  }
  return result;
}

template <class V>
std::vector<core::ElementOf<V>> lanes(V x) {
  std::vector<core::ElementOf<V>> result(core::kLanes<V>);
  store(result.data(), x);
  return result;
}

}  // namespace gradc::test
