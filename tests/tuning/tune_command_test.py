"""`gradc tune` on a small model: what it writes, what it leaves alone, and how it fails.

    tune_command_test.py --gradc gradc --compiler g++ --scratch FOLDER
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

MODEL = """#include <gradc/dsl.h>
using namespace gradc;
struct Small {
  constexpr void declare(Graph& g) const {
    const Tensor h = tanh(nn::linear(g / "hidden", g.input("x", {g.batch(16), 24}), 40));
    g.minimize(sum(h * h), sgd({.learning_rate = 0.1}));
  }
};
GRADC_MODEL(small, Small{});
"""
FOREIGN = "avx512 contract f32 [batch 99 x 99] over 99"
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def rows_of(table):
    """For each kernel of the table, whether its tile has changed."""
    lines = table.splitlines()
    expect(lines[0] == "   before    after   tile            kernel, in microseconds of a step", f"a table: {table}")
    expect(lines[-1].endswith("all kernels"), f"a last line: {table}")
    rows = {}
    for line in lines[1:-1]:
        match = re.fullmatch(r" *[\d.]+ +(?:[\d.]+ +)?(\d+ x \d+(?: -> \d+ x \d+)?) +(\w+ contract.*)", line)
        expect(match, f"a row: {line}")
        if match:
            rows[match[2]] = match[1]
    return rows


def tiles_of(path):
    root = json.loads(path.read_text())
    expect(list(root) == ["tiles"], f"members of {path.name}: {list(root)}")
    return root["tiles"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["gradc", "scratch"]:
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    parser.add_argument("--compiler", required=True)
    arguments = parser.parse_args()
    scratch = arguments.scratch
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (scratch / "small.cpp").write_text(MODEL)

    def gradc(*words, compiler=arguments.compiler):
        environment = {**os.environ, "CXX": compiler, "XDG_CACHE_HOME": str(scratch / "cache")}
        return subprocess.run([arguments.gradc, *words], capture_output=True, text=True, cwd=scratch, env=environment)

    def refused(result, message):
        expect((result.returncode, result.stdout) == (1, "") and message in result.stderr,
               f"expected {message!r}, found {result.returncode}, {result.stderr!r}")

    # Mistakes come to light before anything is compiled, and leave what is there alone.
    broken = scratch / "broken.json"
    broken.write_text('{"tiles": {"a": 1}}')
    refused(gradc("tune", "small.cpp", "-o", "broken.json"), "broken.json:1:12: error: expected {")
    expect(broken.read_text() == '{"tiles": {"a": 1}}', "a broken file is written over")
    long = "x" * 300
    unwritable = {".": "cannot write .: Is a directory", "deep/": "cannot write deep/: Is a directory",
                  long: f"cannot write {long}: File name too long",
                  f"{long}/tiles.json": f"cannot make the folder {long}: File name too long",
                  "small.cpp/tiles.json": "cannot make the folder small.cpp: Not a directory",
                  "small.cpp/deep/tiles.json": "cannot make the folder small.cpp/deep: Not a directory"}
    if os.geteuid() != 0:  # who may write anywhere
        (scratch / "closed").mkdir(mode=0o555)
        unwritable["closed/tiles.json"] = "cannot write closed/tiles.json: Permission denied"
        unwritable["closed/deep/tiles.json"] = "cannot make the folder closed/deep: Permission denied"
    there = set(scratch.iterdir())
    for path, message in unwritable.items():
        result = gradc("tune", "small.cpp", "-o", path)
        refused(result, message)
        expect(result.stderr == f"gradc: error: {message}\n", f"-o {path}: more is said, {result.stderr!r}")
    expect(set(scratch.iterdir()) == there, "something was compiled or left for a mistake")
    for path in ["small.tuning.json", "deep/tiles.json"]:
        refused(gradc("tune", "small.cpp", "-o", path, compiler="false"), "false failed on the generated code")
    expect(set(scratch.iterdir()) - there == {scratch / "cache"}, "a file is written although nothing could be measured")

    result = gradc("tune", "small.cpp", "--rounds", "1")
    expect(result.returncode == 0, f"tune: {result.stderr}")
    rows = rows_of(result.stdout)
    expect(len(rows) == 2, f"two contractions, found {list(rows)}")
    tiles = tiles_of(scratch / "small.tuning.json")
    for key, tile in rows.items():
        kept = tiles.get(key)
        expect(("->" in tile) == (kept is not None), f"{key}: {tile} in the table, {kept} in the file")
        if kept:
            expect(tile.endswith(f"-> {kept['rows']} x {kept['vectors']}"), f"{key}: {tile}, {kept}")
    expect(tiles.keys() <= rows.keys(), f"of other kernels: {tiles.keys() - rows.keys()}")

    # What the file says of other models stays; what it said of this one is measured again.
    merged = scratch / "merged.json"
    merged.write_text(json.dumps({"tiles": {key: {"rows": 1, "vectors": 1} for key in [FOREIGN, *rows]}}))
    result = gradc("tune", "small.cpp", "-o", "merged.json", "--rounds", "1")
    expect(result.returncode == 0, f"tune: {result.stderr}")
    again = rows_of(result.stdout)
    tiles = tiles_of(merged)
    expect(tiles.pop(FOREIGN, None) == {"rows": 1, "vectors": 1}, "another model's tile is lost")
    expect({key for key, tile in again.items() if "->" in tile} == set(tiles), f"{again}, {tiles}")

    result = gradc("small.cpp", "-o", "out", "--tuning", "merged.json")
    expect((result.returncode, result.stderr) == (0, ""), f"--tuning: {result.stderr}")
    expect((scratch / "out" / "small.gen.cpp").read_text().count("as measured") >= len(tiles), "tiles are not taken")
    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
