// The derivatives of bench/models/tiny_points.cpp and micrograd_points.cpp written by hand, eight
// points at a time: prints the nanoseconds of a step over all points, the median of a number of
// runs. The value is summed, as the generated programs do.
//
//   points_by_hand tiny|micrograd [SECONDS] [RATE]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using Vector [[gnu::vector_size(64)]] = double;
constexpr int kLanes = 8;

Vector relu(Vector x) { return x > 0 ? x : Vector{}; }
Vector positive(Vector x) { return x > 0 ? Vector{} + 1 : Vector{}; }

// e = a + b - (ab + b^3), g = e^2 / 2.
struct Tiny {
  static constexpr int kPoints = 100'000;
  static Vector step(Vector& a, Vector& b, double rate) {
    const Vector square = b * b;
    const Vector e = a + b - b * (a + square);
    const Vector slope_a = e * (1 - b), slope_b = e * (1 - a - 3 * square);
    a -= rate * slope_a;
    b -= rate * slope_b;
    return e * e * 0.5;
  }
};

// e = 3a + 4b + 3 - (12 (ab + b^3) + 4 relu(a + b) + relu(b - a)), g = e^2 / 2 + 10 / e^2.
struct Micrograd {
  static constexpr int kPoints = 4096;
  static Vector step(Vector& a, Vector& b, double rate) {
    const Vector square = b * b, sum = a + b, difference = b - a;
    const Vector e =
        3 * a + 4 * b + 3 - (12 * (b * (a + square)) + 4 * relu(sum) + relu(difference));
    const Vector f = e * e, inverse = 1 / f;
    const Vector slope = e * (1 - 20 * inverse * inverse);
    const Vector by_sum = 4 * positive(sum), by_difference = positive(difference);
    const Vector slope_a = slope * (3 - (12 * b + by_sum - by_difference));
    const Vector slope_b = slope * (4 - (12 * (a + 3 * square) + by_sum + by_difference));
    a -= rate * slope_a;
    b -= rate * slope_b;
    return f * 0.5 + 10 * inverse;
  }
};

template <class Expression>
int run(double seconds, double rate) {
  constexpr int kVectors = Expression::kPoints / kLanes;
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  std::vector<Vector> a(kVectors), b(kVectors);
  for (int i = 0; i < Expression::kPoints; ++i) {
    a[i / kLanes][i % kLanes] = -4 + std::sin(i);
    b[i / kLanes][i % kLanes] = 2 + std::sin(2 * i);
  }
  double value = 0;
  std::vector<double> samples;
  for (const auto start = Clock::now(); since(start) < seconds || samples.size() < 5;) {
    const auto before = Clock::now();
    Vector total{};
    for (int i = 0; i < kVectors; ++i) total += Expression::step(a[i], b[i], rate);
    for (int lane = 0; lane < kLanes; ++lane) value += total[lane];
    samples.push_back(since(before) * 1e9);
  }
  std::nth_element(samples.begin(), samples.begin() + samples.size() / 2, samples.end());
  std::printf("%.1f\n", samples[samples.size() / 2]);
  return value == 0 && a[0][0] == b[0][0];  // the results are wanted
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view expression = argc > 1 ? argv[1] : "";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 0.5;
  const double rate = argc > 3 ? std::atof(argv[3]) : 1e-9;  // unknown to the compiler
  if (expression == "tiny") return run<Tiny>(seconds, rate);
  if (expression == "micrograd") return run<Micrograd>(seconds, rate);
  std::fprintf(stderr, "points_by_hand: expected tiny or micrograd\n");
  return 2;
}
