// The derivative of `tiny` written by hand, in the chain of bench/models/tiny_descent.cpp: prints
// the nanoseconds of a step, the median of a number of runs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  const double rate = argc > 2 ? std::atof(argv[2]) : 1e-9;  // unknown to the compiler
  constexpr int kSteps = 100'000;
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  double a = -41, b = 2, value = 0;
  std::vector<double> samples;
  for (const auto start = Clock::now(); since(start) < seconds || samples.size() < 5;) {
    const auto before = Clock::now();
    for (int i = 0; i < kSteps; ++i) {
      const double e = a + b - (a * b + b * b * b);
      value = e * e / 2;
      const double slope_a = e * (1 - b);
      const double slope_b = e * (1 - a - 3 * b * b);
      a -= rate * slope_a;
      b -= rate * slope_b;
    }
    samples.push_back(since(before) / kSteps * 1e9);
  }
  std::nth_element(samples.begin(), samples.begin() + samples.size() / 2, samples.end());
  std::printf("%.4f\n", samples[samples.size() / 2]);
  return value == 0 && a == b;  // the results are wanted
}
