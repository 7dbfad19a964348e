"""Holds a program with kernels for several targets to its promises.

1. A unit of kernels shares no symbol with others: each that a linker sees has the target in its name. So no instruction
   of a target is reached but through its table, whatever the order of the objects. And it holds nothing that it does
   not use: neither compiler warns.
2. What calls the kernels, and picks, is free of AVX.
3. Linked in either order, the program picks the best target of this machine, or what GRADC_TARGET says.
4. Each target trains to a checkpoint of the same bytes.
5. The loops that measure a machine's peak keep to 1 as well, and that of bf16 has the instruction it is about.

    targets_test.py --program nplm --library libnplm.a --main main.o --app libgradc_app.a --sources nplm.gradc \
        --include include --linker g++ --scratch /tmp/targets
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

BEST_FIRST = ["x86-64-v4", "x86-64-v3", "generic"]
# In the names of symbols: the namespace of the generated kernels, and that of the runtime's vectors.
NAMESPACES = {"x86-64-v4": ["x86_64_v4", "avx512"], "x86-64-v3": ["x86_64_v3", "avx2"], "generic": ["generic"]}
NEEDS = {"x86-64-v4": {"avx512f", "avx512dq", "avx512vl", "avx512bw", "avx512cd"},
         "x86-64-v3": {"avx2", "fma", "bmi2", "movbe", "f16c"}, "generic": set()}
AVX = re.compile(r"\t(?!ver[rw]\b)v\w+ +.*%[xyz]mm|%[yz]mm|\{%k[0-7]\}")
STEPS = "300"
PARTS = [1, 2]

failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def output(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def check_symbols(path, words):
    """Those that other objects can be linked with, weak or not."""
    symbols = output("nm", "--defined-only", "--extern-only", "--format=just-symbols", path).split()
    expect(symbols, f"{path.name} defines nothing")
    for symbol in symbols:
        if not symbol.startswith("DW.ref."):  # a pointer, the same in all
            expect(any(word in symbol for word in words), f"{path.name} shares the symbol {symbol}")


def check_plain(path):
    lines = output("objdump", "-d", "--no-show-raw-insn", path).splitlines()
    expect(any(line.endswith(">:") for line in lines), f"{path.name} has no code")
    for line in lines:
        if AVX.search(line):
            expect(False, f"{path.name}, for any machine, has {line.strip()}")
            return


def extract(archive, folder):
    folder.mkdir(parents=True)
    output("ar", "x", archive, cwd=folder)
    return {path.name: path for path in folder.iterdir()}


def run(program, *arguments, target=None):
    environment = {key: value for key, value in os.environ.items() if key != "GRADC_TARGET"}
    if target is not None:
        environment["GRADC_TARGET"] = target
    return subprocess.run([program, *arguments], capture_output=True, text=True, env=environment)


def picked(program, target=None):
    result = run(program, "info", "--json", target=target)
    return json.loads(result.stdout)["target"] if result.returncode == 0 else result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["program", "library", "main", "app", "sources", "include", "scratch"]:
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    parser.add_argument("--linker", required=True)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.scratch, ignore_errors=True)
    processor = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    runnable = [target for target in BEST_FIRST if NEEDS[target] <= processor]
    sanitized = "-fsanitize" in arguments.linker  # its own symbols and code are in every object

    objects = extract(arguments.library, arguments.scratch / "library")
    units = {target: [objects[f"nplm.{target}.kernels{part}.gen.cpp.o"] for part in PARTS] for target in BEST_FIRST}
    if not sanitized:
        for target in BEST_FIRST:
            for unit in units[target]:
                check_symbols(unit, NAMESPACES[target])
        check_plain(objects["nplm.gen.cpp.o"])
        check_plain(arguments.main)
        app = extract(arguments.app, arguments.scratch / "app")
        for name, words in {"peak_avx512_bf16.cpp.o": ["avx512_bf16", "Avx512Bf16"], "peak_avx512.cpp.o": ["avx512", "Avx512"],
                            "peak_avx2.cpp.o": ["avx2", "Avx2"]}.items():
            check_symbols(app[name], words)
        code = output("objdump", "-d", "--no-show-raw-insn", app["peak_avx512_bf16.cpp.o"])
        expect("vdpbf16ps" in code, "the peak of bf16 is measured without the instruction")
        # Nothing is inlined here, so that all that could be shared shows.
        for compiler in filter(shutil.which, ["g++", "clang++-19"]):
            for target in ["x86-64-v4", "x86-64-v3"]:
                for part in PARTS:
                    unit = arguments.scratch / f"{compiler}.{target}.{part}.o"
                    output(compiler, "-std=c++20", "-O0", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off",
                           f"-march={target}", f"-I{arguments.include}", "-c", arguments.sources / f"nplm.{target}.kernels{part}.gen.cpp", "-o", unit)
                    check_symbols(unit, NAMESPACES[target])

    programs = [arguments.program]
    for order in [BEST_FIRST, BEST_FIRST[::-1]]:
        programs.append(arguments.scratch / f"first_{order[0]}")
        output(*arguments.linker.split(), *[unit for target in order for unit in units[target]], arguments.main,
               objects["nplm.gen.cpp.o"], arguments.app, "-pthread", "-o", programs[-1])
    for program in programs:
        found = picked(program)
        expect(found == runnable[0], f"{program.name} picks {found}, expected {runnable[0]}")
    program = programs[-1]
    for target in BEST_FIRST:
        found = picked(program, target)
        expected = target
        if target not in runnable:
            expected = (f"{program.name}: error: GRADC_TARGET: this machine does not run {target}\n"
                        f"`{program.name} info --help` says more\n")
        expect(found == expected, f"GRADC_TARGET={target} runs {found}")

    wrong = run(program, "train", target="avx2")
    expect(wrong.returncode == 2 and wrong.stderr ==
           f'{program.name}: error: GRADC_TARGET: expected one of x86-64-v4, x86-64-v3, generic, found "avx2"\n'
           f"`{program.name} train --help` says more\n", f"GRADC_TARGET=avx2: {wrong.returncode}, {wrong.stderr}")

    checkpoints = {}
    for target in runnable:
        folder = arguments.scratch / f"run_{target}"
        result = run(program, "train", "-o", folder, "--steps", STEPS, target=target)
        expect(result.returncode == 0, result.stderr)
        checkpoints.setdefault((folder / "model.safetensors").read_bytes(), []).append(target)
    expect(len(checkpoints) == 1, f"the checkpoints differ: {list(checkpoints.values())}")

    for failure in failures:
        print(failure)
    print("targets:", ", ".join(runnable))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
