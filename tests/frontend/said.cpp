#include "frontend/said.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace gradc::test {
namespace {

std::vector<std::string> lines_of(std::istream&& stream) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<Said> expected_of(const std::filesystem::path& file) {
  static const std::regex kExpected(R"(expected-(error|warning|note)(?:@(\d+))? \{\{(.*?)\}\})");
  std::vector<Said> expected;
  int number = 0;
  for (const std::string& line : lines_of(std::ifstream(file))) {
    ++number;
    std::size_t read = 0;
    for (std::sregex_iterator i(line.begin(), line.end(), kExpected), end; i != end; ++i, ++read)
      expected.push_back({(*i)[2].matched ? std::stoi((*i)[2]) : number, (*i)[1], (*i)[3]});
    // A misspelt expectation would expect nothing.
    std::size_t words = 0;
    for (std::size_t at = line.find("expected-"); at != std::string::npos;
         at = line.find("expected-", at + 1))
      ++words;
    if (words != read)
      throw std::runtime_error(file.string() + ": cannot read the expectation: " + line);
  }
  std::sort(expected.begin(), expected.end());
  return expected;
}

std::vector<Said> said_of(const frontend::Reading& reading) {
  static const std::regex kSaid(R"(([^ :][^:]*)(?::(\d+))?(?::\d+)?: (error|warning|note): (.*))");
  std::vector<Said> said;
  for (const std::string& line :
       lines_of(std::istringstream(reading.screen + reading.diagnostics.text()))) {
    std::smatch match;
    if (std::regex_match(line, match, kSaid))
      said.push_back({match[2].matched ? std::stoi(match[2]) : 0, match[3], match[4]});
  }
  std::sort(said.begin(), said.end());
  return said;
}

std::vector<std::string> flags_of(const std::filesystem::path& file) {
  std::string first;
  std::getline(std::ifstream(file), first);
  const std::string mark = "// flags: ";
  if (first.compare(0, mark.size(), mark) != 0) return {};
  std::istringstream words(first.substr(mark.size()));
  std::vector<std::string> flags;
  for (std::string word; words >> word;) flags.push_back(word);
  return flags;
}

frontend::Request request_for(const std::filesystem::path& file) {
  frontend::Request request;
  request.file = file.string();
  request.include_dir = GRADC_TEST_INCLUDE_DIR;
  request.flags = {"-pthread"};  // keeps a compile_commands.json that may lie about out of this
  const std::vector<std::string> flags = flags_of(file);
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto value = [&] { return std::stod(flags.at(++i)); };
    if (flags[i].compare(0, 2, "-D") == 0)
      request.defines.push_back(flags[i].substr(2));
    else if (flags[i] == "--max-steps")
      request.bounds.steps = static_cast<std::int64_t>(value());
    else if (flags[i] == "--max-depth")
      request.bounds.depth = static_cast<int>(value());
    else if (flags[i] == "--max-seconds")
      request.bounds.seconds = value();
    else if (flags[i] == "--max-megabytes")
      request.bounds.megabytes = static_cast<std::int64_t>(value());
    else
      throw std::runtime_error(file.string() + ": unknown flag " + flags[i]);
  }
  return request;
}

}  // namespace gradc::test
