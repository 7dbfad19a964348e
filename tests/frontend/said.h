// What is said of a model file, and what the file itself expects to be said.
//
//   const Tensor y = matmul(x, w);  // expected-error {{matmul contracts dimensions of ...}}
//   // expected-note@5 {{left operand is [8, 16]}}     of line 5; line 0: of the file as a whole
//   // flags: -DHIDDEN=20 --max-steps 1000              in the first line: what gradc is given
#pragma once

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "frontend/read_models.h"

namespace gradc::test {

// One line of the screen, without the excerpt of the source.
struct Said {
  int line = 0;  // 0: of the file as a whole
  std::string severity, message;
  friend auto operator<=>(const Said&, const Said&) = default;
};

// Sorted. Everything counts: what is said without being expected is as wrong as silence.
std::vector<Said> expected_of(const std::filesystem::path& file);
std::vector<Said> said_of(const frontend::Reading& reading);

// A request for the file with the flags of its first line.
frontend::Request request_for(const std::filesystem::path& file);

// The words of the first line's "// flags: ..."
std::vector<std::string> flags_of(const std::filesystem::path& file);

}  // namespace gradc::test
