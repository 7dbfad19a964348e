#include <gtest/gtest.h>
#include <ir/diagnose.h>
#include <support/check.h>
#include <support/diagnostic.h>
#include <support/intern.h>

namespace gradc {
namespace {

TEST(Diagnostics, SortedAndOnce) {
  support::Diagnostics diagnostics;
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(diagnostics.text(), "");
  diagnostics.error({"b.cpp", 2, 1}, "later");
  diagnostics.error({"a.cpp", 10, 3}, "second", {{"because of this", {"a.cpp", 1, 1}}});
  diagnostics.warning({"a.cpp", 9, 7}, "first");
  diagnostics.error({"a.cpp", 10, 3}, "second", {{"because of this", {"a.cpp", 1, 1}}});
  diagnostics.error({}, "nowhere");
  diagnostics.error({"a.cpp"}, "the whole file");
  EXPECT_EQ(diagnostics.text(),
            "error: nowhere\n"
            "a.cpp: error: the whole file\n"
            "a.cpp:9:7: warning: first\n"
            "a.cpp:10:3: error: second\n"
            "a.cpp:1:1: note: because of this\n"
            "b.cpp:2:1: error: later\n");
}

TEST(Diagnostics, WarningsDoNotFail) {
  support::Diagnostics diagnostics;
  diagnostics.warning({}, "careful");
  EXPECT_FALSE(diagnostics.failed());
  diagnostics.error({}, "wrong");
  EXPECT_TRUE(diagnostics.failed());
}

TEST(Diagnose, TakesPlacesFromTheGraph) {
  Graph graph;
  graph.files = {"models/nplm.cpp"};
  graph.report("matmul is wrong", {0, 14, 30}, {{"left operand is [32, 200]", {0, 12, 24}}});
  graph.report("no place", {});
  support::Diagnostics diagnostics;
  ir::diagnose(graph, diagnostics);
  EXPECT_EQ(diagnostics.text(),
            "error: no place\n"
            "models/nplm.cpp:14:30: error: matmul is wrong\n"
            "models/nplm.cpp:12:24: note: left operand is [32, 200]\n");
}

TEST(Intern, EqualNamesShareAPointer) {
  const std::string name = "a name long enough to be allocated";
  EXPECT_EQ(support::intern(name), support::intern(std::string(name)));
  EXPECT_STREQ(support::intern(name), name.c_str());
  EXPECT_STREQ(support::intern(""), "");
}

TEST(CheckDeathTest, SaysThatItIsABug) {
  const int two = 2;
  EXPECT_DEATH(CHECK(two == 3), "gradc: bug in the compiler: .*support_test.cpp:[0-9]+: two == 3");
  EXPECT_DEATH(CHECK(two == 3, "with " + std::to_string(two)), "two == 3: with 2");
}

TEST(CheckDeathTest, CallsTheHandlerOnce) {
  EXPECT_DEATH(
      {
        support::set_bug_handler([](std::string_view text) {
          std::fprintf(stderr, "handled: %.*s\n", static_cast<int>(text.size()), text.data());
          CHECK(false, "in the handler");
        });
        CHECK(false, "outside");
      },
      "handled: .*outside\n.*in the handler\n$");
}

}  // namespace
}  // namespace gradc
