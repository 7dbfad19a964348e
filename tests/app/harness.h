// Runs the program in a child process, so that signals, limits and exit statuses are the real ones.
#pragma once

#include <gradc/core/model.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace gradc::app::testing {

using Arguments = std::vector<std::string>;
using ModelList = std::vector<const core::Model*>;

struct Outcome {
  int status = -1;  // of exit; 128 + the signal if one ended the program
  std::string out;
  std::string err;
};

// A child that runs `fake ARGUMENTS...` with standard output and error in files.
class Child {
 public:
  // `prepare` runs in the child before the program.
  Child(const ModelList& models, const Arguments& arguments,
        const std::function<void()>& prepare = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  std::string out_so_far() const;
  Outcome wait();

 private:
  pid_t pid_;
  std::string folder_;
};

Outcome run_program(const ModelList& models, const Arguments& arguments,
                    const std::function<void()>& prepare = {});

// An empty folder that is removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& bytes);
std::string read_file(const std::string& path);

// Some forty names with the letters a to z.
std::string small_names();

}  // namespace gradc::app::testing
