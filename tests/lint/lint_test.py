"""Plants one violation of each rule in a small tree and wants it reported, whole message by whole message."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import lint

GOOD_GRAPH = """// RUN: %gradc-opt %s --pass=fold | %filecheck %s
// RUN: not %gradc-opt %s --pass=none 2>&1 \\
// RUN:   | %filecheck %s --check-prefix=BAD --match-full-lines
// BAD: error: no pass named none
// CHECK-LABEL: graph @a(
// CHECK-NEXT: output
"""

CLEAN = {
    "compiler/ir/graph.cpp": "int main() {}\n",
    "tests/files/fold.graph": GOOD_GRAPH,
    "tests/ir/graph_test.cpp": 'TEST(Graph, Prints) { EXPECT_EQ(print(), "a"); }\n',
    "packages.txt": "g++\n",
}

WORD = "TO" + "DO"

# What is planted: rule, file, text, the one complaint.
PLANTED = [
    (lint.no_unfinished_work, "compiler/ir/a.h", f"\n// {WORD}: more\n",
     f"compiler/ir/a.h:2: {WORD}: do it, or write down why not"),
    (lint.no_long_files, "compiler/ir/a.cpp", "int x;\n" * 801,
     "compiler/ir/a.cpp: 801 lines, at most 800; it is two files"),
    (lint.no_utils, "compiler/ir/graph_utils.h", "",
     "compiler/ir/graph_utils.h: named utils; name it after what it does"),
    (lint.no_utils, "compiler/util/graph.h", "",
     "compiler/util/graph.h: named utils; name it after what it does"),
    (lint.check_lines_are_read, "tests/files/a.graph", "// RUN: %gradc-opt %s\n// CHECK-NEXT: output\n",
     "tests/files/a.graph:2: CHECK is read by no RUN line that calls %filecheck"),
    (lint.check_lines_are_read, "tests/files/a.graph",
     "// RUN: %gradc-opt %s | %filecheck %s\n// CHECK: a\n// FOLDED: b\n",
     "tests/files/a.graph:3: FOLDED is read by no RUN line that calls %filecheck"),
    (lint.check_lines_are_read, "tests/files/a.graph",
     "// RUN: %gradc-opt %s | %filecheck %s --check-prefixes=A,B\n// A: a\n",
     "tests/files/a.graph: a RUN line checks B, and no line says B:"),
    (lint.text_tests_are_run, "tests/files/a.txt", "// RUN: %gradc-opt %s\n",
     "tests/files/a.txt: lit does not run *.txt, only *.graph, *.cpp, *.test"),
    (lint.text_tests_are_run, "tests/files/a.test", "RUN: %gradc\nXFAIL: *\n",
     "tests/files/a.test: XFAIL, a test that is expected to fail"),
    (lint.checked_messages_are_whole, "tests/files/a.cpp",
     "// RUN: not %gradc %s 2>&1 | %filecheck %s\n// CHECK: error: matmul contracts\n",
     "tests/files/a.cpp:2: a message is checked without --match-full-lines"),
    (lint.checked_messages_are_whole, "tests/files/a.cpp",
     "// RUN: not %gradc %s 2>&1 | %filecheck %s --match-full-lines\n// CHECK: {{.*}}a.cpp:3:1: error: matmul {{.*}}\n",
     "tests/files/a.cpp:2: a message is checked with a hole in it"),
    (lint.matched_messages_are_whole, "tests/ir/a_test.cpp", 'EXPECT_THAT(message, HasSubstr("contracts"));\n',
     "tests/ir/a_test.cpp:1: HasSubstr matches a text in part; compare the whole, or say why: // in part: <reason>"),
    (lint.no_test_is_switched_off, "tests/ir/a_test.cpp", "TEST_F(Graph, DISABLED_Prints) {}\n",
     "tests/ir/a_test.cpp:1: Graph.DISABLED_Prints is switched off"),
    (lint.cases_live_in_test_files, "tests/ir/graphs.cpp", "TEST(Graph, Prints) {}\n",
     "tests/ir/graphs.cpp: holds test cases; its name should end in _test.cpp"),
]


class LintTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        for name, text in CLEAN.items():
            self.write(name, text)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def test_a_clean_tree_has_no_complaints(self):
        self.assertEqual(lint.check(self.root), [])

    def test_each_planted_violation_is_the_one_complaint(self):
        for _, name, text, complaint in PLANTED:
            with self.subTest(complaint):
                self.write(name, text)
                self.assertEqual(lint.check(self.root), [complaint])
                (self.root / name).unlink()

    def test_each_rule_is_planted(self):
        self.assertEqual({rule for rule, *_ in PLANTED}, set(lint.RULES))

    def test_a_reason_allows_a_match_in_part(self):
        self.write("tests/ir/a_test.cpp", 'EXPECT_THAT(s, HasSubstr("x"));  // in part: the rest is a date\n')
        self.assertEqual(lint.check(self.root), [])

    def ctest_complaints(self, compiled, known):
        commands = [{"file": str(self.root / file), "output": f"tests/CMakeFiles/{program}.dir/{file}.o"}
                    for file, program in compiled]
        tests = {"tests": [{"name": p + ".a", "command": ["/build/tests/bin/" + p, "--gtest_filter=a"]} for p in known]}
        return list(lint.tests_are_known_to_ctest(lint.Project(self.root), commands, tests))

    def test_ctest_knows_each_test_file(self):
        compiled = [("tests/ir/graph_test.cpp", "ir_test")]
        self.assertEqual(self.ctest_complaints(compiled, ["ir_test"]), [])
        self.assertEqual(self.ctest_complaints([], []), ["tests/ir/graph_test.cpp: no CMakeLists.txt builds it"])
        self.assertEqual(self.ctest_complaints(compiled, ["other_test"]),
                         ["tests/ir/graph_test.cpp: CTest does not know ir_test, which it is built into"])


if __name__ == "__main__":
    sys.exit(unittest.main())
