"""A long training beside PyTorch's: the same weights and batches, loss by loss.

    track.py --program build/bin/gpt_6_384_losses --text shakespeare.txt [--row gpt_6_384] [--steps 500]

Says how far each of the two is from PyTorch in f64, step by step and at most, and how far they are
apart. Rounding grows along a training, in each of them another way: fails if gradc is off by more
than --tolerance and by more than twice what PyTorch is.
"""

import argparse
import math
import pathlib
import subprocess
import sys
import threading

import numpy as np

import tensors
from workloads import WORKLOADS


def begin(workload):
    """Parameters as a training begins with them: weights of 0.02, gains of 1, no bias."""
    for name, value in workload.parameters.items():
        if value.ndim > 1:
            value *= 0.02 / value.std()
        else:
            value[:] = name.endswith("/weight")


def batches_of(workload, text, steps):
    """Windows of the text, drawn anew in each step."""
    classes = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = np.array([classes[c] for c in text])
    rows, window = workload.inputs["tokens"].shape
    for step in range(steps):
        starts = np.random.default_rng(step).integers(len(tokens) - window, size=rows)
        drawn = np.stack([tokens[start:start + window + 1] for start in starts])
        yield {"tokens": drawn[:, :-1], "target": drawn[:, 1:]}


def losses_of_torch(workload, text, steps, dtype):
    import torch
    import torch_peer
    parameters, _ = torch_peer.load(workload, dtype)
    optimizer = torch.optim.AdamW(parameters.values(), lr=workload.rate, betas=workload.betas,
                                  weight_decay=workload.decay)
    for batch in batches_of(workload, text, steps):
        optimizer.zero_grad(set_to_none=True)
        loss = torch_peer.LOSSES[workload.kind](
            parameters, {name: torch.tensor(values) for name, values in batch.items()})
        loss.backward()
        optimizer.step()
        yield loss.item()


def losses_of_program(program, workload, text, steps):
    def give(stream):
        with stream:
            stream.write(f"{workload.batch} {steps}\n".encode())
            for name, values in workload.parameters.items():
                tensors.write(stream, name, values)
            for batch in batches_of(workload, text, steps):
                for name, values in batch.items():
                    tensors.write(stream, name, values)

    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        giver = threading.Thread(target=give, args=(process.stdin,))
        giver.start()
        for line in process.stdout:
            yield float(line)
        giver.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--row", default="gpt_6_384", choices=("gpt_6_384",))
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()

    workload, text = WORKLOADS[options.row](), options.text.read_text()
    begin(workload)
    series = zip(losses_of_program(options.program, workload, text, options.steps),
                 losses_of_torch(workload, text, options.steps, workload.dtype),
                 losses_of_torch(workload, text, options.steps, "float64"), strict=True)
    most = of_gradc = of_torch = 0
    for step, (gradc, torch, exact) in enumerate(series):
        if not math.isfinite(gradc):
            sys.exit(f"gradc's loss is {gradc} in step {step}")
        most = max(most, abs(gradc - torch))
        of_gradc, of_torch = max(of_gradc, abs(gradc - exact)), max(of_torch, abs(torch - exact))
        if step % 50 == 0 or step == options.steps - 1:
            print(f"step {step}: loss {exact:.5f} in f64; at most off: gradc {of_gradc:.1e}, "
                  f"PyTorch {of_torch:.1e}; apart {most:.1e}", flush=True)
    if not of_gradc <= max(options.tolerance, 2 * of_torch):
        sys.exit(f"gradc is more than {options.tolerance:.0e} off, and twice as much as PyTorch")


if __name__ == "__main__":
    main()
