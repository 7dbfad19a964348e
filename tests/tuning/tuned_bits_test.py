"""A program with tiles that nobody would choose trains to the bytes of one with the cost model's, on every target.

    tuned_bits_test.py --tuned nplm --plain nplm --sources FOLDER --tiles odd_tiles.json --scratch FOLDER
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

STEPS = "40"
NEEDS = {"x86-64-v4": ("avx512", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}), "x86-64-v3": ("avx2", {"avx2", "fma"}),
         "generic": ("sse2", set())}


def checkpoint(program, target, folder):
    environment = {**os.environ, "GRADC_TARGET": target}
    result = subprocess.run([program, "train", "-o", folder, "--steps", STEPS], capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"{program} train: {result.stderr}")
    return (folder / "model.safetensors").read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["tuned", "plain", "sources", "tiles", "scratch"]:
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.scratch, ignore_errors=True)
    arguments.scratch.mkdir(parents=True)
    tiles = json.loads(arguments.tiles.read_text())["tiles"]
    processor = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    failures = []
    for target, (registers, needs) in NEEDS.items():
        # All that the file names and that suits is what is written; of others it names none that does.
        wanted = {(tile["rows"], 16 * tile["vectors"]) for key, tile in tiles.items() if key.startswith(registers)}
        text = (arguments.sources / f"nplm.{target}.gen.cpp").read_text()
        measured = {(int(rows), int(columns)) for rows, columns in re.findall(r"tiles of (\d+) x (\d+), as measured", text)}
        if target == "generic":
            wanted = set()
        if not wanted - {(1, 16)} <= measured <= wanted:
            failures.append(f"{target}: expected tiles of {sorted(wanted)}, found {sorted(measured)}")
        if not needs <= processor:
            continue
        tuned = checkpoint(arguments.tuned, target, arguments.scratch / f"tuned_{target}")
        if tuned != checkpoint(arguments.plain, target, arguments.scratch / f"plain_{target}"):
            failures.append(f"{target}: the checkpoints differ")
    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
