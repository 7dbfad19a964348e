// Drives a fuzzer without libFuzzer: over each seed, then over changed copies of it.
//
// usage: <fuzzer> DIR [ROUNDS]
//
// The changes are the same on every run. On a crash the input that caused it is in ./crash-input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  std::ofstream("crash-input", std::ios::binary) << input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// One change: a byte replaced, a piece removed, doubled, or swapped for a number at an edge.
std::string change(std::string input, std::mt19937& random) {
  static const std::vector<std::string> kEdges = {
      "0", "-1", "9223372036854775807", "18446744073709551615", "1e999", "\"", "{", "}", "[", "]"};
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  const std::size_t at = below(input.size());
  const std::size_t length = std::min(input.size() - at, below(16) + 1);
  switch (random() % 5) {
    case 0:
      if (!input.empty()) input[at] = static_cast<char>(random() % 256);
      return input;
    case 1:
      return input.erase(at, length);
    case 2:
      return input.insert(at, input.substr(at, length));
    case 3:
      return input.replace(at, length, kEdges[below(kEdges.size())]);
    default:
      return input.substr(0, at);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s DIR [ROUNDS]\n", argv[0]);
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 2000;
  std::vector<std::filesystem::path> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    seeds.push_back(entry.path());
  }
  std::sort(seeds.begin(), seeds.end());
  if (seeds.empty()) {
    std::fprintf(stderr, "no seeds in %s\n", argv[1]);
    return 1;
  }
  std::mt19937 random(1);
  for (const auto& seed : seeds) {
    std::ifstream file(seed, std::ios::binary);
    const std::string original((std::istreambuf_iterator<char>(file)), {});
    run(original);
    for (int i = 0; i < rounds; ++i) {
      std::string input = original;
      for (std::size_t changes = random() % 4 + 1; changes > 0; --changes) {
        input = change(std::move(input), random);
      }
      run(input);
    }
  }
  std::filesystem::remove("crash-input");
  return 0;
}
