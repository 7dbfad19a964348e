// How long it takes to generate and to compile models of some depths, in seconds of processor time.
//
//   compile_time [--layers 1 12 48] [--models deep_mlp gpt] [--gradc FILE] [--compiler g++]
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Command = std::vector<std::string>;

// The processor time of a command, its children's included. Throws if it fails.
double seconds_of(Command command) {
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t child = 0;
  if (const int error =
          ::posix_spawnp(&child, words.front(), nullptr, nullptr, words.data(), environ);
      error != 0)
    throw std::runtime_error(
        fmt::format("cannot run {}: {}", command.front(), std::strerror(error)));
  int status = 0;
  rusage used{};
  if (::wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(fmt::format("failed: {}", fmt::join(command, " ")));
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::size_t lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines;
}

// What a model file is called in the table, where it is, and what makes its layers small enough
// that depth is what counts.
struct Subject {
  std::string name;
  fs::path file;
  Command options;
};

const Subject kSubjects[] = {
    {"deep_mlp", fs::path(BENCH_FOLDER) / "models/deep_mlp.cpp", {}},
    {"gpt", fs::path(BENCH_FOLDER) / "../models/gpt.cpp", {"-DBLOCK=64", "-DWIDTH=96"}},
};

struct Cost {
  double generate = 0, compile = 0;
  std::size_t lines = 0;
};

Cost measure(const Subject& subject, int layers, const std::string& gradc,
             const std::string& compiler, const fs::path& folder) {
  const std::string stem = subject.file.stem().string();
  const fs::path source = folder / (stem + ".gen.cpp");
  Command generate = {gradc, subject.file.string(), "-o", folder.string(),
                      fmt::format("-DLAYERS={}", layers)};
  generate.insert(generate.end(), subject.options.begin(), subject.options.end());
  const Command compile = {compiler,
                           "-std=c++20",
                           "-O2",
                           "-march=native",
                           "-ffp-contract=off",
                           "-I",
                           (fs::path(gradc).parent_path() / "../include").string(),
                           "-c",
                           source.string(),
                           "-o",
                           (folder / "model.o").string()};
  Cost cost;
  cost.generate = seconds_of(generate);
  cost.compile = seconds_of(compile);
  cost.lines = lines_of(source);
  return cost;
}

// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "gradc-compile-time-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error(fmt::format("{}: cannot be made: {}", name, std::strerror(errno)));
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void run(const std::vector<std::string>& models, const std::vector<int>& depths,
         const std::string& gradc, const std::string& compiler) {
  const TemporaryFolder folder;
  fmt::print("{:10} {:>7} {:>11} {:>10} {:>8} {:>9}\n", "model", "layers", "generate/s",
             "compile/s", "lines", "growth");
  std::fflush(stdout);
  for (const Subject& subject : kSubjects) {
    if (std::find(models.begin(), models.end(), subject.name) == models.end()) continue;
    double first = 0;
    for (const int layers : depths) {
      const Cost cost = measure(subject, layers, gradc, compiler, folder.path());
      const double all = cost.generate + cost.compile;
      if (first == 0) first = all;
      fmt::print("{:10} {:>7} {:>11.2f} {:>10.2f} {:>8} {:>8.1f}x\n", subject.name, layers,
                 cost.generate, cost.compile, cost.lines, all / first);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names;
  for (const Subject& subject : kSubjects) names.push_back(subject.name);
  std::vector<std::string> models = names;
  std::vector<int> depths = {1, 12, 48};
  std::error_code ignored;
  std::string gradc =
      (fs::read_symlink("/proc/self/exe", ignored).parent_path() / "gradc").string();
  std::string compiler = "g++";

  CLI::App app("Processor time to generate and to compile models of some depths");
  app.add_option("--models", models, "Which models")->check(CLI::IsMember(names));
  app.add_option("--layers", depths, "How many layers")->check(CLI::PositiveNumber);
  app.add_option("--gradc", gradc, "The compiler of models; the one beside this program");
  app.add_option("--compiler", compiler, "The compiler of C++");
  CLI11_PARSE(app, argc, argv);
  try {
    run(models, depths, gradc, compiler);
  } catch (const std::exception& error) {
    fmt::print(stderr, "compile_time: error: {}\n", error.what());
    return 1;
  }
  return 0;
}
