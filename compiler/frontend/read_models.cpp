#include "frontend/read_models.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "frontend/clang_reader.h"
#include "frontend/event.h"
#include "frontend/flags.h"
#include "frontend/thaw.h"
#include "ir/diagnose.h"

namespace gradc::frontend {
namespace {

namespace fs = std::filesystem;
using support::Place;

// --- The child
// --------------------------------------------------------------------------------------

// Parsing and evaluation nest deeply; pages of a stack cost nothing until they are touched.
constexpr std::size_t kStackBytes = std::size_t{512} << 20;

void write_all(int pipe, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t written = ::write(pipe, bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(1);  // the parent is gone
    at += static_cast<std::size_t>(written);
  }
}

struct Task {
  const Request& request;
  const std::vector<std::string>& flags;
  int pipe;
};

void* run_task(void* argument) {
  const Task& task = *static_cast<Task*>(argument);
  run_clang(task.request, task.flags,
            [&](const Event& event) { write_all(task.pipe, encode(event)); });
  return nullptr;
}

[[noreturn]] void be_child(Task task) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  pthread_attr_t attributes;
  pthread_t thread;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  if (::pthread_create(&thread, &attributes, run_task, &task) == 0) ::pthread_join(thread, nullptr);
  ::_exit(0);
}

// --- The parent
// -------------------------------------------------------------------------------------

std::int64_t megabytes_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  std::int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

// For how many seconds a process has computed, or has waited without computing: a busy machine
// costs a model nothing, and an #include of a pipe that nobody writes to is bounded too.
class Spent {
 public:
  explicit Spent(pid_t process) { ::clock_getcpuclockid(process, &clock_); }

  double seconds() {
    timespec time{};
    ::clock_gettime(clock_, &time);
    const double computed =
        static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    const auto now = std::chrono::steady_clock::now();
    if (computed != computed_) moved_ = now;
    computed_ = computed;
    return std::max(computed, std::chrono::duration<double>(now - moved_).count());
  }

 private:
  clockid_t clock_{};
  double computed_ = 0;
  std::chrono::steady_clock::time_point moved_ = std::chrono::steady_clock::now();
};

std::string plain(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

class Parent {
 public:
  Parent(const Request& request, Reading& reading) : request_(request), reading_(reading) {}

  // Takes the events of the child until it is done, or kills it when it exceeds a bound.
  void follow(pid_t child, int pipe) {
    Spent spent(child);
    std::string exceeded;
    while (exceeded.empty() && receive(pipe)) {
      const Bounds& bounds = request_.bounds;
      if (spent.seconds() > bounds.seconds)
        exceeded =
            "takes more than " + plain(bounds.seconds) + " seconds, the bound set by --max-seconds";
      else if (megabytes_of(child) > bounds.megabytes)
        exceeded = "takes more than " + std::to_string(bounds.megabytes) +
                   " megabytes, the bound set by --max-megabytes";
    }
    if (!exceeded.empty()) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!exceeded.empty())
      reading_.diagnostics.error(
          begun_, (begun_.line > 0 ? "declaring the model " : "reading the file ") + exceeded);
    else if (!done_)
      reading_.diagnostics.error(
          begun_, WIFSIGNALED(status)
                      ? "Clang crashed: " + std::string(::strsignal(WTERMSIG(status)))
                      : "Clang ended before the file did");
  }

 private:
  // Waits a little for bytes of the child; false once there are no more.
  bool receive(int pipe) {
    constexpr int kMilliseconds = 5;
    pollfd waiting{pipe, POLLIN, 0};
    if (::poll(&waiting, 1, kMilliseconds) <= 0) return true;
    char buffer[1 << 16];
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    bytes_.append(buffer, static_cast<std::size_t>(count));
    while (const std::optional<Event> event = decode(bytes_)) take(*event);
    return true;
  }

  void take(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kScreen:
        reading_.screen += event.text;
        return;
      case Event::Kind::kComplaint:
        reading_.diagnostics.error(event.place, event.text, event.notes);
        return;
      case Event::Kind::kWarning:
        reading_.diagnostics.warning(event.place, event.text);
        return;
      case Event::Kind::kBegin:
        begun_ = event.place;
        return;
      case Event::Kind::kModel:
        take_model(event);
        return;
      case Event::Kind::kFile:
        reading_.files.push_back(event.text);
        return;
      case Event::Kind::kDone:
        done_ = true;
        reading_.failed = !event.text.empty();
        return;
    }
  }

  void take_model(const Event& event) {
    std::optional<Graph> graph = thaw(event.frozen);
    if (!graph) {
      reading_.diagnostics.error(event.place, "the model is in the format of another gradc");
      return;
    }
    ir::diagnose(*graph, reading_.diagnostics);
    const auto [first, added] = places_.emplace(graph->name.str(), event.place);
    if (!added)
      reading_.diagnostics.error(event.place, "two models are called \"" + first->first + "\"",
                                 {{"the first is declared here", first->second}});
    reading_.models.push_back(std::move(*graph));
  }

  const Request& request_;
  Reading& reading_;
  std::string bytes_;
  Place begun_{request_.file};  // the model being evaluated; at first the file
  std::map<std::string, Place> places_;
  bool done_ = false;
};

// What the file system has to say against the file.
std::string why_unreadable(const std::string& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) return "no such file";
  if (fs::is_directory(status)) return "a folder, expected a model file";
  if (!std::ifstream(file)) return std::strerror(errno);
  return "";
}

void run_bounded(const Request& request, const std::vector<std::string>& flags, Reading& reading) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    reading.diagnostics.error({}, std::string("cannot start Clang: ") + std::strerror(errno));
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    be_child({request, flags, ends[1]});
  }
  ::close(ends[1]);
  if (child < 0)
    reading.diagnostics.error({}, std::string("cannot start Clang: ") + std::strerror(errno));
  else
    Parent(request, reading).follow(child, ends[0]);
  ::close(ends[0]);
}

}  // namespace

Reading read_models(const Request& request) {
  Reading reading;
  if (const std::string why = why_unreadable(request.file); !why.empty()) {
    reading.diagnostics.error({request.file}, why);
  } else {
    const std::vector<std::string> flags = clang_flags(request, reading.diagnostics);
    if (!reading.diagnostics.failed()) run_bounded(request, flags, reading);
  }
  reading.failed = reading.failed || reading.diagnostics.failed();
  if (!reading.failed && reading.models.empty()) {
    reading.diagnostics.error({request.file}, "no model; GRADC_MODEL(name, value) declares one");
    reading.failed = true;
  }
  if (reading.failed) reading.models.clear();
  return reading;
}

}  // namespace gradc::frontend
