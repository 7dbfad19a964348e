"""Holds every #include to the table in cmake/layers.txt.

usage: layers.py ROOT [GENERATED...]

Reads each C++ file below dsl, compiler, runtime and models, and below each folder GENERATED the *.gen.h and *.gen.cpp that
gradc wrote. Prints one line for each include that the table does not allow, and for each folder that it does not know.
"""

import re
import sys
from pathlib import Path

# Folders whose files are read. An include is looked up in the file's own folder and in each of these.
ROOTS = ("dsl", "compiler", "runtime", "models")
SUFFIXES = {".h", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*(?:include|include_next|import)\s*([<"])([^">]+)[">]')
HAS_INCLUDE = re.compile(r"^\s*#\s*include\s*[^<\"\s]")

LIBRARIES = (  # the first match counts
    ("clang-format", re.compile(r"clang/(Format|Tooling/Core|Tooling/Inclusions)/|llvm/(ADT|Support)/")),
    ("clang", re.compile(r"(clang|llvm)/")),
    ("fmt", re.compile(r"fmt/")),
    ("cli11", re.compile(r"CLI/")),
    ("json", re.compile(r"nlohmann/")),
    ("mpfr", re.compile(r"mpfr\.h$")),
    ("simd", re.compile(r"([a-z]+intrin|arm_neon|wasm_simd128)\.h$")),
    ("posix", re.compile(r"(sys/\w+|unistd|fcntl|pthread|sched|signal|poll|termios|dlfcn|spawn|syscall|linux/\w+)\.h$")),
    ("standard", re.compile(r"[a-z_0-9]+$")),
)


def read_table(text):
    """{folder: set of folders and libraries it may include}"""
    table = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, _, allowed = line.partition(":")
            table[folder.strip()] = set(allowed.split())
    return table


def folder_of(path, table):
    """The row of the table that a path (relative to the root) belongs to, or None."""
    for parent in path.parents:
        if parent.as_posix() in table:
            return parent.as_posix()
    return None


def target_of(root, file, name, quoted):
    """What an include names: a path below the root, a library's word, or None."""
    for base in ([file.parent] if quoted else []) + [root / r for r in ROOTS]:
        if (base / name).is_file():
            return (base / name).resolve().relative_to(root)
    for word, pattern in LIBRARIES:
        if pattern.match(name):
            return word
    return None


def check_file(root, file, folder, table, shown):
    """Complaints about one file that belongs to `folder`."""
    allowed = table[folder]
    if "everything" in allowed:
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{shown}:{number}"
        if HAS_INCLUDE.match(line):
            yield f"{where}: an include whose name is a macro cannot be checked"
        match = INCLUDE.match(line)
        if not match:
            continue
        name, quoted = match.group(2), match.group(1) == '"'
        if folder == "generated" and quoted and (file.parent / name).is_file():
            continue
        target = target_of(root, file, name, quoted)
        if target is None:
            yield f"{where}: {name} is in no folder and no library that the table knows"
            continue
        if isinstance(target, Path):
            word = folder_of(target, table)
            if word == folder:
                continue
            if word is None:
                yield f"{where}: {name} is in a folder without a row in cmake/layers.txt"
                continue
        else:
            word = target
        if word == "standard" or word in allowed or (word == "clang-format" and "clang" in allowed):
            continue
        yield f"{where}: {folder} may not include {word} ({name})"


def check(root, generated=()):
    """All complaints about the project at `root`, in a fixed order."""
    root = Path(root).resolve()
    table = read_table((root / "cmake/layers.txt").read_text(encoding="utf-8"))
    unknown = set()
    for top in sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name != "build"):
        for file in sorted(p for p in top.rglob("*") if p.suffix in SUFFIXES and p.is_file()):
            path = file.relative_to(root)
            folder = folder_of(path, table)
            if folder is None:
                unknown.add(path.parent.as_posix())
            elif top.name in ROOTS:
                yield from check_file(root, file, folder, table, path.as_posix())
    for folder in sorted(unknown):
        yield f"{folder}: a folder with C++ files and without a row in cmake/layers.txt"
    for folder in generated:
        for file in sorted(p for p in Path(folder).rglob("*.gen.*") if p.suffix in SUFFIXES):
            yield from check_file(root, file, "generated", table, file.name)


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    complaints = [c for c in check(arguments[0], arguments[1:])]
    print("\n".join(complaints) if complaints else "every include is as cmake/layers.txt says")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
