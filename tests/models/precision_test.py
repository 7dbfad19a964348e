"""Trains a small transformer with products of bf16, and looks at what it loses.

1. Instruction sets with and without an instruction for such products, both compilers and any number of threads train to a
   checkpoint of the same bytes, which is not that of full precision.
2. The loss is that of full precision within a hundredth; of weights in int8 likewise, and decoders still sample.
3. `bench` holds products of bf16 against the peak of the instruction for them where the program has it, else against that of f32.

    precision_test.py --gradc gradc --model microgpt.cpp --compilers g++ clang++-19 --scratch /tmp/precision
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

STEPS = "300"
NEEDS = {"native": set(), "x86-64-v4": {"avx512f", "avx512dq", "avx512vl", "avx512bw", "avx512cd"},
         "x86-64-v3": {"avx2", "fma", "bmi2", "movbe", "f16c"}}

failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["gradc", "model", "scratch"]:
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    parser.add_argument("--compilers", nargs="+", required=True)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.scratch, ignore_errors=True)
    processor = set(pathlib.Path("/proc/cpuinfo").read_text().split())

    def run(precision, *rest, target="native", compiler=arguments.compilers[0]):
        environment = dict(os.environ, CXX=compiler, XDG_CACHE_HOME=str(arguments.scratch / "cache"))
        command = [arguments.gradc, "run", arguments.model, f"--precision={precision}", f"--target={target}", "--", *rest]
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        expect(result.returncode == 0, f"{' '.join(map(str, command))}: {result.stderr}")
        return result.stdout

    def train(precision, threads="1", **variant):
        folder = arguments.scratch / "-".join(["run", precision, threads, *variant.values()])
        run(precision, "train", "-o", folder, "--steps", STEPS, "--threads", threads, **variant)
        return folder

    def bytes_of(folder):
        return (folder / "model.safetensors").read_bytes()

    for precision in ["full", "bf16", "int8"]:
        told = json.loads(run(precision, "info", "--json"))["precision"]
        expect(told == precision, f"a program of {precision} says {told}")

    def peaks(precision, **variant):
        """Of the kernels of a step that multiply."""
        kernels = json.loads(run(precision, "bench", "--json", **variant))["kernels"]
        return {kernel["peak_of"] for kernel in kernels if kernel["flop"] > 0}

    # Attention stays in f32.
    native = {"f32", "bf16"} if "avx512_bf16" in processor else {"f32"}
    for expected, found in [(native, peaks("bf16")), ({"f32"}, peaks("full")), ({"f32"}, peaks("int8")),
                            ({"f32"}, peaks("bf16", target="x86-64-v3"))]:
        expect(found == expected, f"bench holds kernels against the peaks of {found}, expected {expected}")

    full = train("full")
    one = train("bf16")
    expect(bytes_of(one) != bytes_of(full), "bf16 trains to the bits of full precision")
    others = [train("bf16", "3")]
    others += [train("bf16", target=target) for target, needed in NEEDS.items() if target != "native" and needed <= processor]
    others += [train("bf16", compiler=compiler) for compiler in arguments.compilers[1:]]
    for other in others:
        expect(bytes_of(other) == bytes_of(one), f"{other.name} differs from {one.name}")

    def dev_loss(precision, folder):
        lines = [line.split() for line in run(precision, "eval", "-m", folder).splitlines()]
        return next(float(words[2]) for words in lines if words[:2] == ["dev", "loss"])

    exact = dev_loss("full", full)
    for precision, folder in [("bf16", one), ("bf16", full), ("int8", full)]:
        loss = dev_loss(precision, folder)
        expect(abs(loss - exact) < 0.01, f"{folder.name} in {precision}: loss {loss}, in full precision {exact}")
    for precision in ["bf16", "int8"]:
        names = run(precision, "sample", "-m", full, "-n", "20", "--seed", "1").split()
        expect(len(names) > 10, f"{precision} samples {names}")
    expect(bytes_of(train("int8")) == bytes_of(full), "weights of int8 change the training")

    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
