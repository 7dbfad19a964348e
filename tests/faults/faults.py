"""Breaks the compiler on purpose and asserts that a test notices.

usage: faults.py ROOT [--only NAME]... [--scratch FOLDER]

Copies the sources at ROOT to a scratch folder. There, for each fault: applies it, builds the one test that should notice,
runs it, and takes the fault back. A fault that no longer applies, that does not build or that goes unnoticed is an error,
and so is a test that fails without any fault.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("cmake", "compiler", "dsl", "models", "runtime", "tests")
FILES = ("CMakeLists.txt", "CMakePresets.json")
RUN_SECONDS = 600
ENVIRONMENT = {}  # of what is started, besides this program's own


@dataclass(frozen=True)
class Fault:
    name: str
    path: str
    before: str  # stands in the file exactly once
    after: str
    target: str
    cases: str = "*"  # of the test, as --gtest_filter takes them


EMITTED = ("emitted_graphs_test", "*/0")

FAULTS = (
    Fault("wrong derivative", "dsl/gradc/ops.h",
          "args(g * (1 - y * y)); };\n  static constexpr Probe probe{.ulp = 2};",
          "args(g * (1 - y)); };\n  static constexpr Probe probe{.ulp = 2};", "ops_test"),
    Fault("wrong reduction mask", "compiler/emit/fold.cpp",
          "if (!reduction_.maximum) return fmt::format(\"keep_first({}, {})\", value, lanes);",
          "if (!reduction_.maximum) return value;", *EMITTED),
    Fault("dropped part of a sum", "compiler/emit/fold.cpp",
          "for (std::size_t part = 1; part < parts_.size(); ++part) all",
          "for (std::size_t part = 2; part < parts_.size(); ++part) all", *EMITTED),
    # The lambda goes on naming the team, so that nothing but the order of the kernels changes.
    Fault("missing barrier", "compiler/emit/emit.cpp",
          "calls += \"team.barrier();\\n\";", "calls += \"(void)team.members();\\n\";", *EMITTED),
    Fault("live buffers overlap", "compiler/passes/live_ranges.cpp",
          "range.last = static_cast<int>(k);", "range.last = range.first;", *EMITTED),
    Fault("update before a reader", "compiler/passes/fuse.cpp", "add(r, u);", "", *EMITTED),
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


def fails(scratch, fault):
    """Whether the fault's test fails; a test that hangs has noticed too."""
    try:
        program = scratch / "build/tests/bin" / fault.target
        return run([program, f"--gtest_filter={fault.cases}"], timeout=RUN_SECONDS, cwd=scratch / "build").returncode != 0
    except subprocess.TimeoutExpired:
        return True


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
        return "" if fails(scratch, fault) else f"{fault.target} does not notice"
    finally:
        file.write_text(whole, encoding="utf-8")


def sound(scratch, faults):
    """What is wrong without a fault, or nothing."""
    for target, cases in sorted({(fault.target, fault.cases) for fault in faults}):
        log = build(scratch, target)
        if log:
            return log
        if fails(scratch, Fault("", "", "", "", target, cases)):
            return f"{target} fails without a fault"
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
