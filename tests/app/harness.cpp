#include "app/harness.h"

#include <fcntl.h>
#include <gradc/app/program.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace gradc::app::testing {
namespace {

constexpr unsigned kLongestRun = 60;  // seconds

std::string make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gradc_app_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  return pattern;
}

void redirect(int descriptor, const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, descriptor);
  ::close(file);
}

}  // namespace

Child::Child(const ModelList& models, const Arguments& arguments,
             const std::function<void()>& prepare)
    : folder_(make_folder()) {
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ > 0) return;
  redirect(STDOUT_FILENO, folder_ + "/out");
  redirect(STDERR_FILENO, folder_ + "/err");
  ::alarm(kLongestRun);
  if (::chdir(folder_.c_str()) != 0) ::_exit(99);  // a run without -o goes there
  if (prepare) prepare();
  std::vector<std::string> texts{"build/fake"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  const int status = run(static_cast<int>(texts.size()), argv.data(), models);
  std::fflush(nullptr);
  ::_exit(status);
}

Child::~Child() {
  if (pid_ > 0) wait();
  std::filesystem::remove_all(folder_);
}

std::string Child::out_so_far() const { return read_file(folder_ + "/out"); }

Outcome Child::wait() {
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_file(folder_ + "/out"), read_file(folder_ + "/err")};
}

Outcome run_program(const ModelList& models, const Arguments& arguments,
                    const std::function<void()>& prepare) {
  return Child(models, arguments, prepare).wait();
}

TemporaryFolder::TemporaryFolder() : path_(make_folder()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string small_names() {
  return "adela\nbrynn\ncaius\ndevon\nelowen\nfaro\ngwyn\nhazel\nidris\njuno\nkezia\nlorcan\n"
         "mirel\nnoor\norsa\npippa\nquill\nrafe\nsable\ntamsin\nuna\nvesper\nwren\nxanthe\n"
         "yara\nzephyr\nanouk\nbastian\ncora\ndahlia\nemrys\nfinley\ngreta\nhollis\nilse\n"
         "jasper\nkiran\nlumi\nmatteo\nnia\n";
}

}  // namespace gradc::app::testing
