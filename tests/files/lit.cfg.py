"""Text tests: a file in, text out. LLVM's lit runs the RUN lines, FileCheck reads the CHECK lines.

%gradc-opt    the pass runner: %gradc-opt FILE --pass=NAME [--same-values=bitwise|close]
%gradc        the compiler itself
%filecheck    FileCheck; fails on a CHECK that cannot match anything
not           turns a failing exit status into success, for tests of errors
"""

import os
import sys

import lit.formats

source = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(source, "..", "lint"))
sys.dont_write_bytecode = True
from lint import LIT_SUFFIXES  # the lint wants to know what lit runs

config.name = "files"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = source
config.test_exec_root = config.gradc_exec_root
config.suffixes = list(LIT_SUFFIXES)
config.excludes = ["inputs"]

config.substitutions += [
    ("%gradc-opt", os.path.join(config.gradc_bin, "gradc-opt")),
    ("%gradc", os.path.join(config.gradc_bin, "gradc")),
    ("%filecheck", f"{config.filecheck} --enable-var-scope --allow-unused-prefixes=false --dump-input=fail"),
    ("%models", config.gradc_models),
    ("%inputs", os.path.join(source, "inputs")),
]
config.environment["PATH"] = os.path.pathsep.join([os.path.dirname(config.not_tool), os.environ["PATH"]])
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "CXX"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
