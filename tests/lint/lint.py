"""Rules that the sources keep, beyond what a compiler checks.

usage: lint.py ROOT [--build DIR]

Most rules guard against a check that nobody reads: a CHECK line without a RUN line, a test that CTest does not know, a message
matched in part. Each rule is one function from the project to complaints. Prints one line a complaint.
With --build, also asks CTest and compile_commands.json in DIR which tests are known.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

SOURCES = {".h", ".cpp", ".py", ".sh", ".cmake", ".graph", ".test"}
SKIPPED = {"build", "out", "runs", "__pycache__"}
MAX_LINES = 800

# What lit runs in tests/files; lit.cfg.py reads it from here.
LIT_SUFFIXES = (".graph", ".cpp", ".test")


class Project:
    """The files below a root, each read once."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.paths = sorted(self._walk(self.root))
        self._lines = {}

    def _walk(self, folder):
        for path in folder.iterdir():
            if path.is_symlink() or path.name in SKIPPED or path.name == ".git":
                continue
            if path.is_dir():
                yield from self._walk(path)
            else:
                yield path.relative_to(self.root)

    def lines(self, path):
        if path not in self._lines:
            self._lines[path] = (self.root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        return self._lines[path]

    def sources(self, below=""):
        for path in self.paths:
            is_source = path.suffix in SOURCES or path.name == "CMakeLists.txt"
            if is_source and (not below or path.is_relative_to(below)):
                yield path


# ---- every file ------------------------------------------------------------------------------------------------------

def no_unfinished_work(project):
    words = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
    for path in project.sources():
        for number, line in enumerate(project.lines(path), 1):
            match = words.search(line)
            if match:
                yield f"{path}:{number}: {match.group()}: do it, or write down why not"


def no_long_files(project):
    for path in project.sources():
        count = len(project.lines(path))
        if count > MAX_LINES:
            yield f"{path}: {count} lines, at most {MAX_LINES}; it is two files"


def no_utils(project):
    for path in project.paths:
        if any(re.search(r"(^|[_.-])utils?([_.-]|$)", part) for part in path.parts):
            yield f"{path}: named utils; name it after what it does"


# ---- text tests: tests/files -----------------------------------------------------------------------------------------

DIRECTIVE = re.compile(r"^\s*(?://|#|;)?\s*([A-Z][A-Z0-9_-]*?)(?:-(?:NEXT|SAME|NOT|DAG|LABEL|EMPTY|COUNT-\d+))?:(.*)$")
LIT_WORDS = {"RUN", "REQUIRES", "UNSUPPORTED", "XFAIL", "DEFINE", "REDEFINE", "END", "NOTE"}
MESSAGE = re.compile(r"\b(error|warning|note):")


def _run_lines(lines):
    """RUN lines, continued ones joined."""
    joined, runs = "", []
    for line in lines:
        match = re.search(r"RUN:\s*(.*)$", line)
        if match:
            joined += match.group(1)
            if joined.endswith("\\"):
                joined = joined[:-1]
            else:
                runs.append(joined)
                joined = ""
    return runs


def _checked_prefixes(runs):
    """{prefix: are whole lines compared?} for each call of %filecheck."""
    prefixes = {}
    for call in (part for run in runs for part in re.split(r"\||&&|;", run) if "%filecheck" in part):
        names = ",".join(re.findall(r"--?check-prefix(?:es)?[= ]([\w,-]+)", call)) or "CHECK"
        for name in names.split(","):
            prefixes[name] = prefixes.get(name, True) and "--match-full-lines" in call
    return prefixes


def _text_tests(project):
    for path in project.paths:
        if path.is_relative_to("tests/files") and path.suffix != ".py" and path.name != "CMakeLists.txt":
            yield path, project.lines(path)


def check_lines_are_read(project):
    for path, lines in _text_tests(project):
        prefixes = _checked_prefixes(_run_lines(lines))
        for number, line in enumerate(lines, 1):
            match = DIRECTIVE.match(line)
            if match and match.group(1) not in LIT_WORDS and match.group(1) not in prefixes:
                yield f"{path}:{number}: {match.group(1)} is read by no RUN line that calls %filecheck"
        has_directive = {m.group(1) for m in map(DIRECTIVE.match, lines) if m}
        for prefix in sorted(set(prefixes) - has_directive):
            yield f"{path}: a RUN line checks {prefix}, and no line says {prefix}:"


def text_tests_are_run(project):
    for path, lines in _text_tests(project):
        if any("RUN:" in line for line in lines) and path.suffix not in LIT_SUFFIXES:
            yield f"{path}: lit does not run *{path.suffix}, only {', '.join('*' + s for s in LIT_SUFFIXES)}"
        if any(re.search(r"\bXFAIL\b", line) for line in lines):
            yield f"{path}: XFAIL, a test that is expected to fail"


def checked_messages_are_whole(project):
    for path, lines in _text_tests(project):
        prefixes = _checked_prefixes(_run_lines(lines))
        for number, line in enumerate(lines, 1):
            match = DIRECTIVE.match(line)
            if match and match.group(1) in prefixes and MESSAGE.search(match.group(2)):
                if not prefixes[match.group(1)]:
                    yield f"{path}:{number}: a message is checked without --match-full-lines"
                elif re.search(r"\b(?:error|warning|note):.*\{\{\.[*+]", match.group(2)):
                    yield f"{path}:{number}: a message is checked with a hole in it"


# ---- C++ tests -------------------------------------------------------------------------------------------------------

PARTIAL = re.compile(r"\b(HasSubstr|ContainsRegex|MatchesRegex|StartsWith|EndsWith)\b")
CASE = re.compile(r"^\s*(TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\s*\(\s*(\w+)\s*,\s*(\w+)")


def _cpp_tests(project):
    for path in project.sources("tests"):
        if path.suffix in {".h", ".cpp"} and not path.is_relative_to("tests/files"):
            yield path, project.lines(path)


def matched_messages_are_whole(project):
    for path, lines in _cpp_tests(project):
        for number, line in enumerate(lines, 1):
            match = PARTIAL.search(line)
            if match and "using " not in line and "// in part:" not in line:
                yield f"{path}:{number}: {match.group()} matches a text in part; compare the whole, or say why: // in part: <reason>"


def no_test_is_switched_off(project):
    for path, lines in _cpp_tests(project):
        for number, line in enumerate(lines, 1):
            match = CASE.match(line)
            if match and "DISABLED_" in match.group(2) + match.group(3):
                yield f"{path}:{number}: {match.group(2)}.{match.group(3)} is switched off"


def cases_live_in_test_files(project):
    for path, lines in _cpp_tests(project):
        if path.suffix == ".cpp" and not path.stem.endswith("_test") and any(CASE.match(line) for line in lines):
            yield f"{path}: holds test cases; its name should end in _test.cpp"


def tests_are_known_to_ctest(project, commands, ctest):
    """commands: compile_commands.json; ctest: what `ctest --show-only=json-v1` prints."""
    known = {}  # program: number of cases
    for test in ctest["tests"]:
        if test.get("command"):
            name = Path(test["command"][0]).name
            known[name] = known.get(name, 0) + 1
    programs = {}  # source file: programs that it is compiled into
    for entry in commands:
        match = re.search(r"CMakeFiles/([^/]+)\.dir/", entry.get("output", "") or entry.get("command", ""))
        if match:
            programs.setdefault(Path(entry["file"]).resolve(), set()).add(match.group(1))
    for path in project.sources("tests"):
        if not path.name.endswith("_test.cpp") or path.is_relative_to("tests/files"):
            continue
        names = programs.get(project.root / path)
        if not names:
            yield f"{path}: no CMakeLists.txt builds it"
        elif not any(name in known for name in names):
            yield f"{path}: CTest does not know {', '.join(sorted(names))}, which it is built into"


RULES = [
    no_unfinished_work,
    no_long_files,
    no_utils,
    check_lines_are_read,
    text_tests_are_run,
    checked_messages_are_whole,
    matched_messages_are_whole,
    no_test_is_switched_off,
    cases_live_in_test_files,
]


def check(root):
    """Complaints of all rules that need no build."""
    project = Project(root)
    return [complaint for rule in RULES for complaint in rule(project)]


def check_build(root, build, ctest="ctest"):
    commands = json.loads((Path(build) / "compile_commands.json").read_text(encoding="utf-8"))
    shown = subprocess.run([ctest, "--test-dir", str(build), "--show-only=json-v1"], check=True, capture_output=True, text=True)
    return list(tests_are_known_to_ctest(Project(root), commands, json.loads(shown.stdout)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--build")
    parser.add_argument("--ctest", default="ctest")
    arguments = parser.parse_args()
    complaints = check(arguments.root)
    if arguments.build:
        complaints += check_build(arguments.root, arguments.build, arguments.ctest)
    print("\n".join(complaints) if complaints else "nothing to complain about")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
