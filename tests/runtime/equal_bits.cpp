// Prints a hash of many results of the runtime's core. equal_bits_test.py builds this program in
// many ways and wants one and the same hash from all.
#include <gradc/core/math.h>
#include <gradc/core/random.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <vector>

namespace gradc::core {
namespace {

// FNV-1a over the bits of all numbers, with one NaN for all.
class Hash {
 public:
  template <class T>
  void add(T x) {
    if (x != x) x = T(__builtin_nan(""));
    unsigned char bytes[sizeof x];
    std::memcpy(bytes, &x, sizeof x);
    for (const unsigned char byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
  }
  template <VectorLanes V>
  void add_lanes(V x) {
    ElementOf<V> lane[kLanes<V>];
    store(lane, x);
    for (const ElementOf<V> y : lane) add(y);
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

template <class V>
V numbers(int row) {
  using T = ElementOf<V>;
  const Draw draw{.seed = 1, .stream = 2, .step = 3};
  const V wide = uniform<V>(draw, row * 64) * splat<V>(40) - splat<V>(20);
  return row % 4 == 0 ? wide * wide * wide * splat<V>(T(1e3)) : wide;
}

template <class V>
void hash_functions(Hash& hash) {
  for (int row = 0; row < 2000; ++row) {
    const V x = numbers<V>(row), y = numbers<V>(row + 5000);
    for (const V z : {exp(x), log(x), log(abs(y)), tanh(x), sigmoid(x), erf(x), sin(x), cos(x),
                      rsqrt(abs(x)), sqrt(y), fma(x, y, x), x / y, min(x, y), max(x, y),
                      select(less(x, y), x * y, x - y), keep_first(x, row % kLanes<V>)}) {
      hash.add_lanes(z);
    }
    hash.add_lanes(round_to_bf16(x));
    hash.add_lanes(round_to_int8(x * splat<V>(5)));
    hash.add_lanes(cast<IntegerOf<V>>(x));
    hash.add_lanes(normal<V>({.seed = 9}, row));
    hash.add(sum(x));
    hash.add(maximum(y));
    hash.add(tanh(sum(x)) + exp(-abs(maximum(y))));  // scalars
  }
}

// A contraction, a softmax with a masked tail, a mean and a variance: sums over many elements.
template <class V>
void hash_kernels(Hash& hash) {
  using T = ElementOf<V>;
  constexpr int kRows = 16, kInner = 100, kWidth = kLanes<V>;
  std::vector<T> a(kRows * kInner), b(kInner * kWidth);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = normal<T>({.seed = 3}, i);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = normal<T>({.seed = 4}, i);
  for (int row = 0; row < kRows; ++row) {
    V c = splat<V>(0);
    for (int k = 0; k < kInner; ++k) {
      c = fma(splat<V>(a[row * kInner + k]), load<V>(&b[k * kWidth]), c);
    }
    const int n = row % kWidth + 1;
    const V kept = keep_first(c, n, splat<V>(-T(__builtin_inf())));
    const V e = exp(kept - splat<V>(maximum(kept)));
    hash.add_lanes(e / splat<V>(sum(e)));
    const T mean = sum(keep_first(c, n)) / T(n);
    const V centred = keep_first(c - splat<V>(mean), n);
    hash.add(rsqrt(sum(centred * centred) / T(n) + T(1e-5)));
  }
}

// A contraction of bf16 in pairs, and what int8 keeps of its result.
void hash_narrow(Hash& hash) {
  constexpr int kRows = 8, kInner = 64;
  std::vector<bf16> a(kRows * kInner), b(kInner * 16);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = normal<float>({.seed = 5}, i);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = normal<float>({.seed = 6}, i);
  for (int row = 0; row < kRows; ++row) {
    f32x16 c = splat<f32x16>(0);
    for (int k = 0; k < kInner; k += 2)
      c = dot(splat_pair(&a[row * kInner + k]), load_pairs(&b[k * 16], &b[(k + 1) * 16]), c);
    hash.add_lanes(c);
    std::int8_t kept[16];
    store(kept, c * splat<f32x16>(10));
    hash.add_lanes(load<f32x16>(kept));
  }
}

std::uint64_t hash_everything() {
  Hash hash;
  hash_narrow(hash);
  hash_functions<f32x16>(hash);
  hash_functions<f64x8>(hash);
  hash_kernels<f32x16>(hash);
  hash_kernels<f64x8>(hash);
  return hash.value();
}

}  // namespace
}  // namespace gradc::core

int main() {
  std::printf("%s %016" PRIx64 "\n", gradc::core::kTargetName, gradc::core::hash_everything());
}
