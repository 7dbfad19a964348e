#include "driver/host.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <thread>

#include "driver/installation.h"
#include "driver/output.h"

extern char** environ;

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool on_path(const std::string& program) {
  std::istringstream folders(environment("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  return false;
}

// $CXX, which may hold flags or a launcher: "ccache g++".
std::vector<std::string> host_compiler() {
  std::istringstream words(environment("CXX"));
  std::vector<std::string> command;
  for (std::string word; words >> word;) command.push_back(word);
  if (!command.empty()) return command;
  for (const char* name : {"g++", "clang++", "clang++-19", "c++"})
    if (on_path(name)) return {name};
  return {};
}

// FNV-1a: names a program after what it was made of.
class Hash {
 public:
  void add(const std::string& text) {
    for (unsigned char c : text) mix(c);
    mix(0xFF);  // ends a text: no character of UTF-8
  }
  std::string hex() const {
    std::ostringstream stream;
    stream << std::hex << state_;
    return stream.str();
  }

 private:
  void mix(unsigned char c) { state_ = (state_ ^ c) * 0x100000001b3u; }
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

std::string stamp(const fs::path& path) {
  std::error_code ignored;
  return path.string() + " " + std::to_string(fs::file_size(path, ignored)) + " " +
         std::to_string(fs::last_write_time(path, ignored).time_since_epoch().count());
}

// A folder of this user alone.
fs::path cache_folder() {
  std::vector<fs::path> candidates;
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty())
    candidates.push_back(fs::path(cache) / "gradc");
  if (const std::string home = environment("HOME"); !home.empty())
    candidates.push_back(fs::path(home) / ".cache" / "gradc");
  for (const fs::path& folder : candidates) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error && ::access(folder.c_str(), W_OK) == 0) return folder;
  }
  std::error_code ignored;
  std::string folder = (fs::temp_directory_path(ignored) / "gradc-XXXXXX").string();
  return ::mkdtemp(folder.data()) != nullptr ? fs::path(folder) : fs::path();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Whether a child ends well.
bool succeeds(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// All that can be read until the other end is closed.
std::string read_all(int file) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count > 0)
      text.append(buffer, static_cast<std::size_t>(count));
    else if (count == 0 || errno != EINTR)
      return text;
  }
}

// As many commands at a time as there are processors, and no more after one that fails. What went
// wrong first, or nothing. Their own messages go to the screen.
std::string run_all(std::vector<std::vector<std::string>> commands) {
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  std::map<pid_t, std::string> running;  // the name of the command
  std::string problem;
  std::size_t next = 0;
  // Who started this process may have had it ignored; then nobody can wait for a child.
  ::signal(SIGCHLD, SIG_DFL);
  while (!running.empty() || (problem.empty() && next < commands.size())) {
    if (problem.empty() && next < commands.size() && running.size() < most) {
      std::vector<std::string>& command = commands[next++];
      pid_t child = 0;
      const int error = ::posix_spawnp(&child, command[0].c_str(), nullptr, nullptr,
                                       pointers(command).data(), environ);
      if (error == 0)
        running.emplace(child, command[0]);
      else
        problem = "cannot run " + command[0] + ": " + std::strerror(error);
      continue;
    }
    int status = 0;
    const pid_t child = ::waitpid(-1, &status, 0);
    if (child < 0 && errno == EINTR) continue;
    if (child < 0)
      return "cannot wait for " + running.begin()->second + ": " + std::strerror(errno);
    const auto ended = running.find(child);
    if (ended == running.end()) continue;
    if (problem.empty() && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
      problem = ended->second + " failed on the generated code";
    running.erase(ended);
  }
  return problem;
}

// The files that begin with `stem` as `program`: what went wrong, or nothing.
std::string compile(const std::vector<std::string>& compiler, const fs::path& stem,
                    const Generated& generated, const std::vector<std::string>& targets,
                    const fs::path& library, const fs::path& program) {
  // What picks among several has to run on any machine, whatever the compiler takes for granted.
  constexpr const char* kAnyMachine = "x86-64";
  const bool several = targets.size() > 1;
  const std::string own = several ? kAnyMachine : targets.front();
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> objects;
  const auto add = [&](const std::string& suffix, const std::string& march) {
    std::vector<std::string>& command = commands.emplace_back(compiler);
    if (march != "generic") command.push_back("-march=" + march);
    objects.push_back(program.string() + suffix + ".o");
    command.insert(command.end(), {"-c", stem.string() + suffix, "-o", objects.back()});
  };
  for (const emit::KernelsFile& file : generated.kernels)
    add(suffix_of(file), file.target == "generic" ? kAnyMachine
                         : file.target.empty()    ? own
                                                  : file.target);
  add(".gen.cpp", own);
  add(".main.cpp", own);
  std::string problem = run_all(std::move(commands));
  if (problem.empty()) {
    std::vector<std::string> link = compiler;
    link.insert(link.end(), objects.begin(), objects.end());
    link.insert(link.end(), {library.string(), "-pthread", "-o", program.string()});
    problem = run_all({std::move(link)});
  }
  std::error_code ignored;
  for (const std::string& object : objects) fs::remove(object, ignored);
  return problem;
}

}  // namespace

Program build_program(const Generated& generated, const Settings& settings) {
  std::vector<std::string> command = host_compiler();
  if (command.empty())
    return {{}, "no C++ compiler: CXX is not set, and g++ and clang++ are not on the path"};
  const fs::path include = include_dir(), library = app_library();
  if (library.empty())
    return {{}, "libgradc_app.a is not found beside gradc; it is installed with it"};

  for (const char* flag : {"-std=c++20", "-O2", "-ffp-contract=off"}) command.emplace_back(flag);
  command.insert(command.end(), {"-I", include.string()});

  Hash hash;
  for (const File& file : files_of(generated, settings, {})) hash.add(file.text);
  for (const std::string& target : settings.targets) hash.add(target);
  for (const std::string& word : command) hash.add(word);
  hash.add(stamp(library));
  for (const fs::directory_entry& header :
       fs::recursive_directory_iterator(include / "gradc" / "core"))
    hash.add(stamp(header.path()));

  const fs::path cache = cache_folder();
  if (cache.empty())
    return {{}, "no folder to compile in: neither the cache nor a temporary one can be written"};
  const fs::path folder = cache / (settings.stem + "-" + hash.hex());
  const fs::path program = folder / settings.stem;
  std::error_code ignored;
  if (fs::exists(program, ignored)) return {program, ""};

  const std::vector<File> files = files_of(generated, settings, folder);
  if (std::string problem = write_files(files); !problem.empty()) return {{}, problem};
  // Another gradc may compile the same program now: each makes its own, and the last one stays.
  const fs::path fresh = program.string() + "." + std::to_string(::getpid());
  if (std::string problem =
          compile(command, folder / settings.stem, generated, settings.targets, library, fresh);
      !problem.empty()) {
    fs::remove(fresh, ignored);
    return {{}, problem};
  }
  std::error_code error;
  fs::rename(fresh, program, error);
  if (error) return {{}, "cannot write " + program.string() + ": " + error.message()};
  return {program, ""};
}

std::optional<std::string> output_of(const fs::path& program,
                                     const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {program.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, program.c_str(), &actions, nullptr, pointers(command).data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string text = error == 0 ? read_all(ends[0]) : "";
  ::close(ends[0]);
  return error == 0 && succeeds(child) ? std::optional(std::move(text)) : std::nullopt;
}

std::string become(const fs::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {program.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ::execv(program.c_str(), pointers(command).data());
  return "cannot run " + program.string() + ": " + std::strerror(errno);
}

}  // namespace gradc::driver
