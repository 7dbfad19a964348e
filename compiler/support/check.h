// CHECK(condition, message): for bugs of the compiler, never for mistakes of its user.
//
//   CHECK(node < graph.nodes.size());
//   CHECK(types_match, "add: " + left + " and " + right);   // the message is built on failure only
//
// A failed check prints where it stands and that it is a bug in gradc, calls the bug handler (the
// driver's leaves the graph behind in a file), and aborts.
#pragma once

#include <string>
#include <string_view>

namespace gradc::support {

// Called once with the text of the failure before the program aborts. May not fail itself.
using BugHandler = void (*)(std::string_view text);
void set_bug_handler(BugHandler handler);

[[noreturn]] void report_bug(const char* file, int line, const char* condition,
                             const std::string& message = {});

}  // namespace gradc::support

#define CHECK(CONDITION, ...) \
  ((CONDITION)                \
       ? (void)0              \
       : ::gradc::support::report_bug(__FILE__, __LINE__, #CONDITION __VA_OPT__(, ) __VA_ARGS__))
