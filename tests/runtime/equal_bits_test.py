"""Builds equal_bits.cpp with every compiler, instruction set and optimisation level at hand, runs what this machine can
run, and fails unless all print the same hash.

    equal_bits_test.py --source equal_bits.cpp --include runtime --scratch /tmp/equal_bits
"""

import argparse
import concurrent.futures
import itertools
import os
import pathlib
import shutil
import subprocess
import sys

COMPILERS = [["g++", "c++"], ["clang++-19", "clang++"]]  # the first that exists of each
TARGETS = {
    "avx512_bf16": ["-march=x86-64-v4", "-mavx512bf16"],
    "avx512": ["-march=x86-64-v4"],
    "avx2": ["-march=x86-64-v3"],
    "generic": ["-DGRADC_FORCE_GENERIC"],
    "neon": [],
}
LEVELS = ["-O0", "-O2"]


def runnable_targets():
    """The targets whose instructions this machine has."""
    cpu = pathlib.Path("/proc/cpuinfo")
    words = set(cpu.read_text().split()) if cpu.exists() else set()
    avx512 = {"avx512f", "avx512dq", "avx512vl", "avx512bw", "fma"}
    needs = {"avx512_bf16": avx512 | {"avx512_bf16"}, "avx512": avx512, "avx2": {"avx2", "fma"}, "neon": {"asimd"}}
    return [target for target in TARGETS if needs.get(target, set()) <= words]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("--scratch", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.scratch.mkdir(parents=True, exist_ok=True)

    def build_and_run(variant):
        compiler, target, level = variant
        program = arguments.scratch / f"{compiler}_{target}{level}"
        flags = ["-std=c++20", "-ffp-contract=off", level, *TARGETS[target]]
        subprocess.run([compiler, *flags, f"-I{arguments.include}", arguments.source, "-o", program], check=True)
        printed_target, value = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
        if printed_target != target:
            raise RuntimeError(f"{' '.join([compiler, *flags])} chose {printed_target}, expected {target}")
        return value, f"{compiler} {target} {level}"

    compilers = [found for names in COMPILERS if (found := next(filter(shutil.which, names), None))]
    hashes = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for value, build in pool.map(build_and_run, itertools.product(compilers, runnable_targets(), LEVELS)):
            hashes.setdefault(value, []).append(build)

    for value, builds in hashes.items():
        print(value)
        for build in builds:
            print("   ", build)
    if sum(map(len, hashes.values())) < 2:
        sys.exit("nothing to compare: one build only")
    if len(hashes) != 1:
        sys.exit("builds disagree")


if __name__ == "__main__":
    main()
