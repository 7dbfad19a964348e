"""Plants violations in a small tree and wants each reported, whole message by whole message."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import layers

TABLE = Path(__file__).resolve().parents[2] / "cmake/layers.txt"

CLEAN = {
    "dsl/gradc/dsl.h": "#include <array>\n#include <gradc/shape.h>\n",
    "dsl/gradc/shape.h": "#include <cstddef>\n",
    "compiler/support/check.h": "#include <string>\n",
    "compiler/ir/graph.h": '#include <gradc/shape.h>\n#include "support/check.h"\n',
    "compiler/passes/fuse.cpp": '#include "ir/graph.h"\n#include "passes/fuse.h"\n',
    "compiler/passes/fuse.h": "",
    "compiler/emit/layout.cpp": "#include <clang/Format/Format.h>\n#include <fmt/format.h>\n",
    "compiler/emit/emit.h": "",
    "compiler/frontend/reader.cpp": '#include "clang/AST/APValue.h"\n#include "ir/graph.h"\n',
    "runtime/gradc/core/simd.h": "#include <immintrin.h>\n",
    "runtime/gradc/app/app.h": "#include <CLI/CLI.hpp>\n#include <gradc/core/simd.h>\n",
    "models/nplm.cpp": "#include <gradc/dsl.h>\n",
    "tests/ir/graph_test.cpp": '#include <gmock/gmock.h>\n#include "ir/graph.h"\n',
}

# What is planted: file, text, the one complaint.
PLANTED = [
    ("compiler/passes/a.cpp", '#include "emit/emit.h"\n',
     "compiler/passes/a.cpp:1: compiler/passes may not include compiler/emit (emit/emit.h)"),
    ("compiler/emit/a.cpp", '\n#include "passes/fuse.h"\n',
     "compiler/emit/a.cpp:2: compiler/emit may not include compiler/passes (passes/fuse.h)"),
    ("compiler/emit/a.cpp", "#include <clang/AST/AST.h>\n",
     "compiler/emit/a.cpp:1: compiler/emit may not include clang (clang/AST/AST.h)"),
    ("compiler/driver/a.cpp", '#include "clang/Format/Format.h"\n',
     "compiler/driver/a.cpp:1: compiler/driver may not include clang-format (clang/Format/Format.h)"),
    ("compiler/ir/a.h", "#  include <llvm/IR/Module.h>\n",
     "compiler/ir/a.h:1: compiler/ir may not include clang (llvm/IR/Module.h)"),
    ("compiler/support/a.h", '#include "ir/graph.h"\n',
     "compiler/support/a.h:1: compiler/support may not include compiler/ir (ir/graph.h)"),
    ("compiler/ir/a.h", '#include "../passes/fuse.h"\n',
     "compiler/ir/a.h:1: compiler/ir may not include compiler/passes (../passes/fuse.h)"),
    ("dsl/gradc/a.h", "#include <fmt/format.h>\n",
     "dsl/gradc/a.h:1: dsl may not include fmt (fmt/format.h)"),
    ("dsl/gradc/a.h", "#include <boost/any.hpp>\n",
     "dsl/gradc/a.h:1: boost/any.hpp is in no folder and no library that the table knows"),
    ("dsl/gradc/a.h", "#include HEADER\n",
     "dsl/gradc/a.h:1: an include whose name is a macro cannot be checked"),
    ("runtime/gradc/core/a.h", "#include <gradc/app/app.h>\n",
     "runtime/gradc/core/a.h:1: runtime/gradc/core may not include runtime/gradc/app (gradc/app/app.h)"),
    ("runtime/gradc/app/a.h", "#include <gradc/dsl.h>\n",
     "runtime/gradc/app/a.h:1: runtime/gradc/app may not include dsl (gradc/dsl.h)"),
    ("models/a.cpp", "#include <gradc/core/simd.h>\n",
     "models/a.cpp:1: models may not include runtime/gradc/core (gradc/core/simd.h)"),
    ("compiler/wizardry/a.cpp", "",
     "compiler/wizardry: a folder with C++ files and without a row in cmake/layers.txt"),
    ("extras/a.h", "",
     "extras: a folder with C++ files and without a row in cmake/layers.txt"),
]


class LayersTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.write("cmake/layers.txt", TABLE.read_text(encoding="utf-8"))
        for name, text in CLEAN.items():
            self.write(name, text)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def test_a_clean_tree_has_no_complaints(self):
        self.assertEqual(list(layers.check(self.root)), [])

    def test_each_planted_violation_is_the_one_complaint(self):
        for name, text, complaint in PLANTED:
            with self.subTest(complaint):
                self.write(name, text)
                self.assertEqual(list(layers.check(self.root)), [complaint])
                (self.root / name).unlink()

    def test_generated_code_may_include_itself_and_core_only(self):
        self.write("build/out/nplm.gen.h", "#include <gradc/core/simd.h>\n#include <span>\n")
        self.write("build/out/nplm.gen.cpp", '#include "nplm.gen.h"\n')
        self.assertEqual(list(layers.check(self.root, [self.root / "build"])), [])
        self.write("build/out/nplm.gen.cpp", '#include "nplm.gen.h"\n#include <gradc/app/app.h>\n')
        self.assertEqual(list(layers.check(self.root, [self.root / "build"])),
                         ["nplm.gen.cpp:2: generated may not include runtime/gradc/app (gradc/app/app.h)"])

    def test_the_four_middle_parts_do_not_include_each_other(self):
        rows = layers.read_table(TABLE.read_text(encoding="utf-8"))
        for folder in ("eval", "passes", "emit", "frontend"):
            others = {f"compiler/{o}" for o in ("eval", "passes", "emit", "frontend")} - {f"compiler/{folder}"}
            self.assertEqual(rows[f"compiler/{folder}"] & others, set())


if __name__ == "__main__":
    sys.exit(unittest.main())
