"""Holds a program whose kernels are in several files to the bytes of one with all in one file.

    parts_test.py --one nplm --parts nplm_parts --library libnplm_parts.a --scratch /tmp/parts
"""

import argparse
import pathlib
import shutil
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["one", "parts", "library", "scratch"]:
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.scratch, ignore_errors=True)
    failures = []

    # Each file has kernels, and the source none.
    functions = {"": 0}
    for line in output("nm", "--defined-only", "--demangle", arguments.library).splitlines():
        if line.endswith(".o:"):
            functions[line] = 0
        functions[list(functions)[-1]] += "kernels::" in line and " T " in line
    for name, count in functions.items():
        if (count > 0) != (".kernels" in name):
            failures.append(f"{name} {count} kernels")
    if sum(".kernels" in name for name in functions) != 3:
        failures.append(f"expected 3 files of kernels, found {list(functions)}")

    checkpoints = []
    for program in [arguments.one, arguments.parts]:
        folder = arguments.scratch / program.name
        output(program, "train", "-o", folder, "--steps", "300")
        checkpoints.append((folder / "model.safetensors").read_bytes())
    if checkpoints[0] != checkpoints[1]:
        failures.append("the checkpoints differ")

    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
