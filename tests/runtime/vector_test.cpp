// Every operation on every type of vector: each lane has the bits of the scalar function, whose
// meaning scalar_test.cpp checks.
#include <gradc/core/vector.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <vector>

#include "runtime/numbers.h"

namespace gradc::core {
namespace {

using test::lanes;
using test::numbers;
using test::show;

// f(x) lane by lane is f of each lane.
template <class V, class F>
void expect_lanes(F f) {
  const auto x = numbers<ElementOf<V>>(1000, 1);
  for (std::size_t i = 0; i + kLanes<V> <= x.size(); i += 3) {
    const auto result = lanes(f(load<V>(&x[i])));
    for (int k = 0; k < kLanes<V>; ++k) {
      ASSERT_SAME(result[k], f(x[i + k])) << "lane " << k << " of f(" << show(x[i + k]) << ")";
    }
  }
}

// f(x, y) lane by lane is expected(x, y) of each pair of lanes.
template <class V, class F, class Expected>
void expect_lanes_2(F f, Expected expected) {
  using T = ElementOf<V>;
  const auto x = numbers<T>(100, 2), y = numbers<T>(100 + kLanes<V>, 3);
  for (const T a : x) {
    for (std::size_t i = 0; i + kLanes<V> <= y.size(); i += kLanes<V>) {
      const auto forward = lanes(f(splat<V>(a), load<V>(&y[i])));
      const auto backward = lanes(f(load<V>(&y[i]), splat<V>(a)));
      for (int k = 0; k < kLanes<V>; ++k) {
        const T b = y[i + k];
        ASSERT_SAME(forward[k], expected(a, b)) << "f(" << show(a) << ", " << show(b) << ")";
        ASSERT_SAME(backward[k], expected(b, a)) << "f(" << show(b) << ", " << show(a) << ")";
      }
    }
  }
}
template <class V, class F>
void expect_lanes_2(F f) {
  expect_lanes_2<V>(f, f);
}

// ---- all types ----

template <class V>
class VectorTest : public ::testing::Test {};
using Vectors = ::testing::Types<f32x16, f64x8, i32x16, i64x8>;
TYPED_TEST_SUITE(VectorTest, Vectors);

TYPED_TEST(VectorTest, Abs) {
  expect_lanes<TypeParam>([](auto x) { return abs(x); });
}
TYPED_TEST(VectorTest, Min) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return min(x, y); });
}
TYPED_TEST(VectorTest, Max) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return max(x, y); });
}
TYPED_TEST(VectorTest, ComparisonsAsValues) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return less(x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return less_equal(x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return equal(x, y); });
}
TYPED_TEST(VectorTest, ComparisonsAsMasks) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x < y, x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x <= y, x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x > y, x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x >= y, x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x == y, x, y); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x != y, x, y); });
}
TYPED_TEST(VectorTest, LogicOfMasks) {
  using V = TypeParam;
  using T = ElementOf<V>;
  const V zero = splat<V>(0);
  expect_lanes_2<V>([=](V x, V y) { return select((x < y) & (zero < x), x, y); },
                    [](T x, T y) { return x < y && 0 < x ? x : y; });
  expect_lanes_2<V>([=](V x, V y) { return select((x < y) | (zero < x), x, y); },
                    [](T x, T y) { return x < y || 0 < x ? x : y; });
  expect_lanes_2<V>([=](V x, V y) { return select(!(x < y), x, y); },
                    [](T x, T y) { return !(x < y) ? x : y; });
}
TYPED_TEST(VectorTest, SelectByValueTakesWhateverIsNotZero) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return select(x, y, x); });
}

TYPED_TEST(VectorTest, SplatFillsAndIotaCounts) {
  using T = ElementOf<TypeParam>;
  const auto fives = lanes(splat<TypeParam>(5)), counted = lanes(iota<TypeParam>());
  for (int k = 0; k < kLanes<TypeParam>; ++k) {
    EXPECT_EQ(fives[k], T(5));
    EXPECT_EQ(counted[k], T(k));
  }
  EXPECT_EQ(iota<T>(), T(0));
}

// Sentinels stand around the data, which starts at each offset from a multiple of 64 bytes.
TYPED_TEST(VectorTest, LoadsAndStoresTouchTheirElementsOnly) {
  using V = TypeParam;
  using T = ElementOf<V>;
  constexpr int kN = kLanes<V>;
  for (int offset = 0; offset < kN; ++offset) {
    for (int n = 0; n <= kN; ++n) {
      alignas(64) T from[3 * kN], to[3 * kN];
      for (int i = 0; i < 3 * kN; ++i) {
        from[i] = T(100 + i);
        to[i] = T(-1 - i);
      }
      const V part = load_first<V>(from + offset, n);
      const auto lane = lanes(part);
      for (int k = 0; k < kN; ++k) ASSERT_EQ(lane[k], k < n ? T(100 + offset + k) : T(0));

      store_first(to + kN + offset, load<V>(from + offset), n);
      for (int i = 0; i < 3 * kN; ++i) {
        const int k = i - kN - offset;
        ASSERT_EQ(to[i], k >= 0 && k < n ? T(100 + offset + k) : T(-1 - i))
            << n << " at " << offset;
      }

      const auto kept = lanes(keep_first(load<V>(from + offset), n));
      const auto filled = lanes(keep_first(load<V>(from + offset), n, splat<V>(7)));
      for (int k = 0; k < kN; ++k) {
        ASSERT_EQ(kept[k], lane[k]);
        ASSERT_EQ(filled[k], k < n ? lane[k] : T(7));
      }
    }
  }
}

// Two pages of which only the first may be touched.
class GuardedPage {
 public:
  GuardedPage() {
    size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* pages =
        mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<std::byte*>(pages);
    mprotect(start_ + size_, size_, PROT_NONE);
  }
  ~GuardedPage() { munmap(start_, 2 * size_); }
  GuardedPage(const GuardedPage&) = delete;
  GuardedPage& operator=(const GuardedPage&) = delete;

  std::byte* end() const { return start_ + size_; }

 private:
  std::byte* start_;
  std::size_t size_;
};

TYPED_TEST(VectorTest, LoadsAndStoresOfTheFirstLanesStayInTheirPage) {
  using V = TypeParam;
  using T = ElementOf<V>;
  const GuardedPage page;
  for (int n = 0; n <= kLanes<V>; ++n) {
    T* const p = reinterpret_cast<T*>(page.end()) - n;
    store_first(p, iota<V>() + splat<V>(1), n);
    const auto lane = lanes(load_first<V>(p, n));
    for (int k = 0; k < kLanes<V>; ++k) ASSERT_EQ(lane[k], k < n ? T(1 + k) : T(0));
  }
}

TYPED_TEST(VectorTest, StridedAccess) {
  using V = TypeParam;
  using T = ElementOf<V>;
  for (const int stride : {1, 2, 5, -3, 0}) {
    std::vector<T> from(200), to(200, T(-1));
    for (int i = 0; i < 200; ++i) from[i] = T(i);
    const auto lane = lanes(load_strided<V>(&from[100], stride));
    for (int k = 0; k < kLanes<V>; ++k) EXPECT_EQ(lane[k], T(100 + k * stride));
    if (stride == 0) continue;
    store_strided(&to[100], load<V>(from.data()), stride);
    std::vector<T> expected(200, T(-1));
    for (int k = 0; k < kLanes<V>; ++k) expected[100 + k * stride] = T(k);
    EXPECT_EQ(to, expected) << "stride " << stride;
  }
}

TYPED_TEST(VectorTest, GatherReadsWhereTheIndexSays) {
  using V = TypeParam;
  using T = ElementOf<V>;
  std::vector<T> table(50);
  std::vector<std::int32_t> index(kLanes<V>);
  for (int i = 0; i < 50; ++i) table[i] = T(1000 + i);
  for (int k = 0; k < kLanes<V>; ++k) index[k] = (k * 37 + 11) % 50;
  const auto by_pointer = lanes(gather<V>(table.data(), index.data()));
  const auto by_vector = lanes(gather<V>(table.data(), load<IntegerOf<V>>(index.data())));
  for (int k = 0; k < kLanes<V>; ++k) {
    EXPECT_EQ(by_pointer[k], table[index[k]]);
    EXPECT_EQ(by_vector[k], table[index[k]]);
  }
}

// ---- reals ----

template <class V>
class RealVectorTest : public ::testing::Test {};
using RealVectors = ::testing::Types<f32x16, f64x8>;
TYPED_TEST_SUITE(RealVectorTest, RealVectors);

TYPED_TEST(RealVectorTest, Arithmetic) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x + y; });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x - y; });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x * y; });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x / y; });
}
TYPED_TEST(RealVectorTest, Negation) {
  expect_lanes<TypeParam>([](auto x) { return -x; });
  expect_lanes<TypeParam>([](auto x) { return neg(x); });
}
TYPED_TEST(RealVectorTest, SquareRoot) {
  expect_lanes<TypeParam>([](auto x) { return sqrt(x); });
}
TYPED_TEST(RealVectorTest, BitsAndBack) {
  expect_lanes<TypeParam>([](auto x) { return bits(x); });
  expect_lanes<IntegerOf<TypeParam>>([](auto i) { return from_bits(i); });
}

TYPED_TEST(RealVectorTest, FusedMultiplyAdd) {
  using V = TypeParam;
  using T = ElementOf<V>;
  const auto x = numbers<T>(60, 4), y = numbers<T>(60, 5), z = numbers<T>(60 + kLanes<V>, 6);
  for (const T a : x) {
    for (const T b : y) {
      for (std::size_t i = 0; i + kLanes<V> <= z.size(); i += kLanes<V>) {
        const auto result = lanes(fma(splat<V>(a), splat<V>(b), load<V>(&z[i])));
        for (int k = 0; k < kLanes<V>; ++k) {
          ASSERT_SAME(result[k], fma(a, b, z[i + k]))
              << "fma(" << show(a) << ", " << show(b) << ", " << show(z[i + k]) << ")";
        }
      }
    }
  }
}

TYPED_TEST(RealVectorTest, CastToIntegerAndBack) {
  using V = TypeParam;
  using I = IntegerOf<V>;
  expect_lanes<V>([](auto x) { return cast<IntegerOf<decltype(x)>>(x); });
  if constexpr (F32<V>) {
    expect_lanes<I>([](auto i) {
      if constexpr (kLanes<decltype(i)> == 1)
        return cast<float>(i);
      else
        return cast<f32x16>(i);
    });
  } else {
    // An i64 must lie within -2^51 .. 2^51.
    expect_lanes<I>([](auto i) {
      if constexpr (kLanes<decltype(i)> == 1)
        return cast<double>(shift_right<12>(i));
      else
        return cast<f64x8>(shift_right<12>(i));
    });
  }
}

// What a sum over lanes means: i with i + w/2, then w/4, ... 1.
template <class T>
T folded(std::vector<T> x, T (*combine)(T, T)) {
  for (std::size_t n = x.size() / 2; n > 0; n /= 2) {
    for (std::size_t i = 0; i < n; ++i) x[i] = combine(x[i], x[i + n]);
  }
  return x[0];
}

TYPED_TEST(RealVectorTest, SumAndMaximumFoldInHalves) {
  using V = TypeParam;
  using T = ElementOf<V>;
  const auto x = numbers<T>(2000, 7);
  for (std::size_t i = 0; i + kLanes<V> <= x.size(); ++i) {
    const std::vector<T> part(&x[i], &x[i] + kLanes<V>);
    const V v = load<V>(part.data());
    ASSERT_SAME(sum(v), folded<T>(part, [](T a, T b) { return a + b; })) << "from " << i;
    ASSERT_SAME(maximum(v), folded<T>(part, [](T a, T b) { return max(a, b); })) << "from " << i;
  }
  EXPECT_EQ(sum(T(3)), T(3));
  EXPECT_EQ(maximum(T(3)), T(3));
}

// Calls f(v[0], v[1], ...).
template <class V, class F>
auto spread(std::vector<V>& v, F f) {
  if constexpr (kLanes<V> == 8) {
    return f(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  } else {
    return f(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13],
             v[14], v[15]);
  }
}

TYPED_TEST(RealVectorTest, FoldsOfManyAreTheFoldOfEach) {
  using V = TypeParam;
  using T = ElementOf<V>;
  auto x = numbers<T>(kLanes<V> * kLanes<V> + 200, 8);
  for (std::size_t i = 0; i < x.size(); i += 37) x[i] = std::numeric_limits<T>::quiet_NaN();
  for (std::size_t i = 5; i < x.size(); i += 3) x[i] = i % 2 == 0 ? T(0) : -T(0);
  for (int from = 0; from < 200; ++from) {
    const auto totals = lanes(sums<V>(&x[from])), largest = lanes(maxima<V>(&x[from]));
    for (int i = 0; i < kLanes<V>; ++i) {
      const V row = load<V>(&x[from + i * kLanes<V>]);
      ASSERT_SAME(totals[i], sum(row)) << "row " << i;
      ASSERT_SAME(largest[i], maximum(row)) << "row " << i;
    }
  }
}

TYPED_TEST(RealVectorTest, TransposeExchangesRowsAndColumns) {
  using V = TypeParam;
  using T = ElementOf<V>;
  std::vector<V> rows;
  for (int i = 0; i < kLanes<V>; ++i) rows.push_back(iota<V>() + splat<V>(T(100 * i)));
  spread(rows, [](auto&... v) { transpose(v...); });
  for (int i = 0; i < kLanes<V>; ++i) {
    const auto row = lanes(rows[i]);
    for (int j = 0; j < kLanes<V>; ++j) EXPECT_EQ(row[j], T(100 * j + i)) << i << ", " << j;
  }
}

// ---- integers ----

template <class V>
class IntegerVectorTest : public ::testing::Test {};
using IntegerVectors = ::testing::Types<i32x16, i64x8>;
TYPED_TEST_SUITE(IntegerVectorTest, IntegerVectors);

TYPED_TEST(IntegerVectorTest, ArithmeticWraps) {
  using T = ElementOf<TypeParam>;
  using Word = std::make_unsigned_t<T>;
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x + y; },
                            [](T x, T y) { return T(Word(x) + Word(y)); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x - y; },
                            [](T x, T y) { return T(Word(x) - Word(y)); });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x * y; },
                            [](T x, T y) { return T(Word(x) * Word(y)); });
}
TYPED_TEST(IntegerVectorTest, Logic) {
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x & y; });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x | y; });
  expect_lanes_2<TypeParam>([](auto x, auto y) { return x ^ y; });
}
TYPED_TEST(IntegerVectorTest, Shifts) {
  const auto expect_shifts_by = []<int n>(std::integral_constant<int, n>) {
    expect_lanes<TypeParam>([](auto x) { return shift_left<n>(x); });
    expect_lanes<TypeParam>([](auto x) { return shift_right<n>(x); });
    expect_lanes<TypeParam>([](auto x) { return shift_right_logical<n>(x); });
  };
  expect_shifts_by(std::integral_constant<int, 0>());
  expect_shifts_by(std::integral_constant<int, 1>());
  expect_shifts_by(std::integral_constant<int, 23>());
  expect_shifts_by(std::integral_constant<int, 8 * sizeof(ElementOf<TypeParam>) - 1>());
}

TEST(IntegerVectorTest32, MultiplyHigh) {
  expect_lanes_2<i32x16>([](auto x, auto y) { return multiply_high(x, y); });
}

// ---- both widths of memory ----

TEST(WidenedMemoryTest, SixtyFourBitLanesReadAndWriteNarrowElements) {
  const auto x = numbers<float>(500, 9);
  const auto i = numbers<std::int32_t>(500, 10);
  for (std::size_t from = 0; from + 8 <= x.size(); ++from) {
    const auto reals = lanes(load<f64x8>(&x[from]));
    const auto integers = lanes(load<i64x8>(&i[from]));
    float narrowed[8];
    store(narrowed, load<f64x8>(&x[from]));
    for (int k = 0; k < 8; ++k) {
      ASSERT_SAME(reals[k], load<double>(&x[from + k]));
      ASSERT_SAME(narrowed[k], x[from + k]);
      ASSERT_EQ(integers[k], std::int64_t{i[from + k]});
    }
  }
  const double third[8] = {1 / 3.0, 1e300, -1e-300, 1e-40, 0.1, -0.0, 1 + 0x1p-24, 1 + 0x1.8p-23};
  float rounded[8];
  store(rounded, load<f64x8>(third));
  for (int k = 0; k < 8; ++k) EXPECT_SAME(rounded[k], static_cast<float>(third[k]));
}

}  // namespace
}  // namespace gradc::core
