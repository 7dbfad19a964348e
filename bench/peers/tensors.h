// Values that go through a pipe between a peer and a generated program, as tensors.py writes and
// reads them: a line NAME COUNT, then so many doubles as they lie in memory.
//
// Programs are compiled once for each MODEL; `#include GRADC_HEADER(MODEL)` is its header.
#pragma once

#include <cstdio>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#define GRADC_QUOTED(x) #x
#define GRADC_HEADER(name) GRADC_QUOTED(name.gen.h)

namespace gradc::bench {

struct Given {
  std::string name;
  std::vector<double> values;
};

// The next one of the standard input, or nothing at its end.
inline std::optional<Given> read_tensor() {
  Given given;
  std::size_t count = 0;
  if (!(std::cin >> given.name >> count)) return {};
  std::cin.ignore();
  given.values.resize(count);
  std::cin.read(reinterpret_cast<char*>(given.values.data()),
                static_cast<std::streamsize>(count * sizeof(double)));
  return given;
}

inline void write_tensor(const char* name, std::span<const double> values) {
  std::printf("%s %zu\n", name, values.size());
  std::fwrite(values.data(), sizeof(double), values.size(), stdout);
}

}  // namespace gradc::bench
