"""What is timed: each workload as shapes, initial values, inputs and the work that it must do.

Names of parameters and inputs are those of the declarations (models/, bench/models/), so that gradients
can be compared by name. FLOP are multiply and add of contractions, forward and backward.
"""

import math
from dataclasses import dataclass, field

import numpy as np


def wave(shape, spread, phase):
    i = np.arange(math.prod(shape), dtype=np.float64)
    return (spread * np.sin(phase + 0.7 * i)).reshape(shape)


@dataclass
class Workload:
    name: str           # also of the generated program
    title: str
    kind: str           # which function of a peer computes its loss
    parameters: dict
    inputs: dict = field(default_factory=dict)
    rate: float = 0.1
    flop: float = 0
    dtype: str = "float32"
    threads: tuple = (1,)
    steps: int = 1      # a figure in the table is the time of so many steps
    peers: tuple = ("eager", "compiled", "jax")

    @property
    def batch(self):
        return len(next(iter(self.inputs.values()))) if self.inputs else 1


def moons():
    t = np.linspace(0, math.pi, 50)
    points = np.concatenate([np.stack([np.cos(t), np.sin(t)], 1),
                             np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)])
    widths, parameters = (2, 16, 16, 1), {}
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        parameters[f"layer/{i}/weight"] = wave((inputs, outputs), 0.6, 2 * i + 1)
        parameters[f"layer/{i}/bias"] = wave((outputs,), 0.1, 2 * i + 2)
    # forward and backward to the weights, and to the inputs of all layers but the first
    flop = 100 * 2 * (2 * 2 * 16 + 3 * 16 * 16 + 3 * 16)
    return Workload("moons", "moons, full batch of 100", "moons", parameters,
                    {"features": points + wave((100, 2), 0.1, 1),
                     "label": np.repeat([1.0, -1.0], 50)}, 1.0, flop)


def nplm(name, title, context, embedding, hidden, batch, threads):
    vocab, width = 27, context * embedding
    i = np.arange(batch * (context + 1)).reshape(batch, context + 1)
    classes = (i * i * 7 + i * 3 + i // 5) % vocab
    parameters = {"embedding": wave((vocab, embedding), 1, 1),
                  "hidden/weight": wave((width, hidden), 5 / 3 / math.sqrt(width), 2),
                  "hidden/bias": wave((hidden,), 0.1, 3),
                  "output/weight": wave((hidden, vocab), 1 / math.sqrt(hidden), 4),
                  "output/bias": wave((vocab,), 0.1, 5)}
    flop = batch * 2 * 3 * (width * hidden + hidden * vocab)
    return Workload(name, title, "nplm", parameters,
                    {"context": classes[:, :context], "target": classes[:, context]}, 0.1, flop,
                    threads=threads)


WORKLOADS = [
    Workload("tiny_descent", "tiny graph f64, 100,000 steps in a chain", "tiny",
             {"a": np.array(-41.0), "b": np.array(2.0)}, rate=1e-9, dtype="float64",
             steps=100_000, peers=("eager", "jax", "by hand")),
    moons(),
    nplm("nplm", "NPLM 3/10/200, batch 32", 3, 10, 200, 32, (1,)),
    nplm("nplm_wide", "NPLM 8/24/512, batch 128", 8, 24, 512, 128, (1, 2)),
]
