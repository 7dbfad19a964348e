"""Breaks the compiler on purpose and asserts that a test notices.

usage: faults.py ROOT [--only NAME]... [--scratch FOLDER]

Copies the sources at ROOT to a scratch folder. There, for each fault: applies it, builds the one test that should notice,
runs it, and takes the fault back. A fault is noticed when the test fails and says what a fault of this kind does. One that
no longer applies, that does not build, whose emitted code does not compile, or that goes unnoticed is an error, and so is a
test that fails without any fault.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("bench", "cmake", "compiler", "dsl", "models", "runtime", "tests")
FILES = ("CMakeLists.txt", "CMakePresets.json")
RUN_SECONDS = 600
MOST_SHOWN = 4000  # characters of what a test prints
ENVIRONMENT = {"GRADC_NO_SHRINKING": "1"}  # of what is started, besides this program's own


@dataclass(frozen=True)
class Fault:
    name: str
    path: str
    before: str  # stands in the file exactly once
    after: str
    target: str
    cases: str  # of the test, as --gtest_filter takes them
    says: str  # what the failing test prints then, a regular expression


LOWERED = ("lower_test", "LowerModels.*", r"is \S+, not \S+")
EMITTED = ("emitted_graphs_test", "*/0", r"seed \d+: .* is \S+, not \S+")

FAULTS = (
    Fault("wrong derivative", "dsl/gradc/ops.h",
          "args(g * (1 - y * y)); };\n  static constexpr Probe probe{.ulp = 2};",
          "args(g * (1 - y)); };\n  static constexpr Probe probe{.ulp = 2};", "ops_test", "*", "tanh"),
    Fault("dropped term in fusion", "compiler/passes/expression.cpp",
          "  const int added = add(value);\n",
          "  if (node.op == op_of<Add> && values_[value.operands[0]].kind == Value::Kind::kAccumulator)\n"
          "    return value.operands[0];\n  const int added = add(value);\n",
          *LOWERED),
    Fault("wrong reduction mask", "compiler/emit/fold.cpp",
          "fmt::format(\"keep_first({}, {})\", value, lanes)", "fmt::format(\"keep_first({}, {} + 1)\", value, lanes)", *EMITTED),
    Fault("forgotten part of a sum", "compiler/emit/fold.cpp",
          "part, combined(part, text)", "part, text", *EMITTED),
    # The lambda goes on naming the team, so that nothing but the order of the kernels changes.
    Fault("missing barrier", "compiler/emit/emit.cpp",
          "calls += \"team.barrier();\\n\";", "calls += \"(void)team.members();\\n\";",
          "emit_barriers_test", "*", r"element \d+, 2 members"),
    Fault("live buffers overlap", "compiler/passes/live_ranges.cpp",
          "range.last = unit_of[k].first + unit_of[k].count - 1;", "range.last = range.first;", *EMITTED),
    Fault("update before a reader", "compiler/passes/fuse.cpp", "add(r, u);", "", *LOWERED),
)


def run(command, **options):
    # The folder is another one each time; ccache shall know the files all the same.
    return subprocess.run(command, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


def copy_sources(root, scratch):
    ENVIRONMENT.update(CCACHE_BASEDIR=str(scratch), CCACHE_NOHASHDIR="1")
    for folder in FOLDERS:
        shutil.copytree(root / folder, scratch / folder)
    for file in FILES:
        shutil.copy(root / file, scratch / file)


def build(scratch, target):
    done = run(["cmake", "--build", scratch / "build", "--target", target, "-j", "2"])
    return "" if done.returncode == 0 else done.stdout


def failure(scratch, target, cases):
    """What the test prints if it fails, or nothing."""
    program = scratch / "build/tests/bin" / target
    done = run([program, f"--gtest_filter={cases}"], timeout=RUN_SECONDS, cwd=scratch / "build")
    return "" if done.returncode == 0 else done.stdout or f"exit status {done.returncode}"


def complaint(scratch, fault):
    """What is wrong with how a fault is noticed, or nothing."""
    file = scratch / fault.path
    whole = file.read_text(encoding="utf-8")
    if whole.count(fault.before) != 1:
        return f"stands {whole.count(fault.before)} times in {fault.path}, which must be once: {fault.before}"
    try:
        file.write_text(whole.replace(fault.before, fault.after), encoding="utf-8")
        log = build(scratch, fault.target)
        if log:
            return "does not build\n" + log
        text = failure(scratch, fault.target, fault.cases)
    except subprocess.TimeoutExpired:
        return f"{fault.target} takes more than {RUN_SECONDS} seconds"
    finally:
        file.write_text(whole, encoding="utf-8")
    if not text:
        return f"{fault.target} does not notice"
    return "" if re.search(fault.says, text) else f"{fault.target} fails without saying {fault.says}\n{text[:MOST_SHOWN]}"


def sound(scratch, faults):
    """What is wrong without a fault, or nothing."""
    for target, cases in sorted({(fault.target, fault.cases) for fault in faults}):
        try:
            text = build(scratch, target) or failure(scratch, target, cases)
        except subprocess.TimeoutExpired:
            text = f"takes more than {RUN_SECONDS} seconds"
        if text:
            return f"{target}, without a fault:\n{text}"
    return ""


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--only", action="append", choices=[fault.name for fault in FAULTS])
    parser.add_argument("--scratch", type=Path, help="an empty folder; a fresh one unless told")
    options = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    with tempfile.TemporaryDirectory(prefix="gradc-faults-") as folder:
        scratch = options.scratch or Path(folder)
        copy_sources(options.root.resolve(), scratch)
        log = run(["cmake", "-S", scratch, "-B", scratch / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug"])
        if log.returncode != 0:
            sys.exit(log.stdout)
        wrong = sound(scratch, faults)
        if wrong:
            sys.exit(wrong)
        unnoticed = 0
        for fault in faults:
            text = complaint(scratch, fault)
            print(f"{fault.name}: {text or 'noticed by ' + fault.target}", flush=True)
            unnoticed += bool(text)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
