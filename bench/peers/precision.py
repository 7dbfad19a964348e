"""What fewer bits cost and give: programs of one model in full precision, bf16 and int8, side by side.

    precision.py --programs build/release/bin --text shakespeare.txt --names names.txt [--steps 300] [--rounds 3]

Prints three tables in Markdown: the logits of GPT-2 124M, position by position; the losses of trained models; times. A text
of some 200 kB is enough: it is evaluated as a whole.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import numpy as np

import tensors
from workloads import WORKLOADS

DECODERS = ["gpt2_decode", "gpt2_decode_bf16", "gpt2_decode_int8"]
STEPS = [("makemore_transformer", "makemore_transformer_bf16"), ("gpt_6_384", "gpt_6_384_bf16"),
         ("gpt2_64", "gpt2_64_bf16")]
POSITIONS = 128


def precision_of(program):
    return next((word for word in ["bf16", "int8"] if program.endswith(word)), "full")


def logits_of(program, workload, tokens):
    """Of each position, from weights of 0.02, as GPT-2 begins with."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with process.stdin as stream:
            for name, value in workload.parameters.items():
                spread = value * 0.02 / value.std() if value.ndim > 1 else np.full(value.shape, name.endswith("/weight"))
                tensors.write(stream, name, spread)
            tensors.write(stream, "tokens", tokens)
        found = tensors.read_all(process.stdout)["logits"]
    return found.reshape(len(tokens), -1)


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def table_of_logits(programs):
    workload = WORKLOADS["gpt2_decode"]()
    tokens = np.random.default_rng(1).integers(50257, size=POSITIONS)
    rows, exact = [], None
    for name in DECODERS:
        logits = logits_of(programs / f"{name}_logits", workload, tokens)
        if exact is None:
            exact = logits
        log_p, log_q = log_softmax(exact), log_softmax(logits)
        spread = exact.std()
        rows.append([precision_of(name), f"{np.abs(logits - exact).max() / spread:.1e}",
                     f"{np.sqrt(np.mean((logits - exact) ** 2)) / spread:.1e}",
                     f"{np.mean(np.sum(np.exp(log_p) * (log_p - log_q), axis=1)):.1e}",
                     f"{np.mean(logits.argmax(1) == exact.argmax(1)):.3f}"])
    return ["precision", "largest error", "mean square error, root", "divergence, nats", "same likeliest token"], rows


def run(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def last_loss(folder):
    """The mean training loss of the last tenth."""
    lines = (folder / "log.csv").read_text().split()
    column = lines[0].split(",").index("loss")
    values = [float(cells[column]) for line in lines[1:] if (cells := line.split(","))[column]]
    return statistics.fmean(values[-max(1, len(values) // 10):])


def losses_of(programs, name, data, steps, scratch):
    """A run in each precision that trains, and the full one evaluated in all that there are."""
    rows = []
    for program in [name, f"{name}_bf16"]:
        folder = scratch / program
        run(programs / program, "train", "-i", data, "-o", folder, "--steps", steps)
        rows.append([name, f"trained in {precision_of(program)}", f"{last_loss(folder):.4f}"])
    for suffix in ["", "_bf16", "_int8"]:
        if (programs / (name + suffix)).exists():
            text = run(programs / (name + suffix), "eval", "-m", scratch / name, "-i", data)
            dev = next(line.split()[2] for line in text.splitlines() if line.startswith("dev"))
            rows.append([name, f"trained in full, dev loss in {precision_of(suffix)}", dev])
    return rows


def time_of(program, threads):
    """Of a training step, or of a position of a decoder, in ms."""
    what = ["--decode"] if program.name in DECODERS else []
    return json.loads(run(program, "bench", "--json", "--threads", threads, *what))["step_us"] / 1e3


def table_of_times(programs, rounds):
    rows = []
    for group in [DECODERS, *STEPS]:
        for count in [1, 2]:
            times = {name: [] for name in group}
            for _ in range(rounds):
                for name in group:
                    times[name].append(time_of(programs / name, count))
            full = statistics.median(times[group[0]])
            for name in group:
                median = statistics.median(times[name])
                rows.append([group[0], str(count), precision_of(name), f"{median:.2f} ms", f"{full / median:.2f}x"])
    return ["model", "threads", "precision", "time", "full / this"], rows


def show(header, rows):
    print("| " + " | ".join(header) + " |\n|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--names", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    show(*table_of_logits(options.programs))
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, data, steps in [("makemore_transformer", options.names, 10 * options.steps),
                                  ("gpt_6_384", options.text, options.steps)]:
            if data is not None:
                rows += losses_of(options.programs, name, data, steps, pathlib.Path(folder))
        show(["model", "", "loss"], rows)
    show(*table_of_times(options.programs, options.rounds))


if __name__ == "__main__":
    main()
