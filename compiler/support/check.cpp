#include <support/check.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gradc::support {
namespace {

BugHandler bug_handler = nullptr;

}  // namespace

void set_bug_handler(BugHandler handler) { bug_handler = handler; }

void report_bug(const char* file, int line, const char* condition, const std::string& message) {
  // The build machine's folders say nothing to a reader.
  const char* part = std::strstr(file, "compiler/");
  std::string text = "gradc: bug in the compiler: ";
  text += part != nullptr ? part : file;
  text += ":" + std::to_string(line) + ": " + condition;
  if (!message.empty()) text += ": " + message;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::fflush(stderr);
  if (const BugHandler handler = bug_handler; handler != nullptr) {
    bug_handler = nullptr;  // a check that fails inside the handler ends here
    handler(text);
  }
  std::abort();
}

}  // namespace gradc::support
