"""Numbers that a program in any language can make again: initial values, probes, examples."""

import math

import numpy as np

WORDS = """ada alan barbara claude dennis edsger frances grace hedy ivan john kathleen leslie
margaret niklaus ole peter radia shafi tony ursula vint whitfield xena yann zaha""".split()


def initial(shape, centre, spread, phase):
    """Element i, in row-major order, is centre + spread sin(phase + 0.7 i), rounded to f32."""
    i = np.arange(math.prod(shape), dtype=np.float64)
    values = centre + spread * np.sin(phase + 0.7 * i)
    return values.astype(np.float32).astype(np.float64).reshape(shape)


def summary(values):
    """The norm of a tensor, and four projections that tell its elements and their order apart:
    probe j is the sum over i of values[i] cos((2 j + 1) (i + 1))."""
    x = np.asarray(values, dtype=np.float64).ravel()
    i = np.arange(1, x.size + 1, dtype=np.float64)
    return {"norm": float(np.sqrt(x @ x)),
            "probes": [float(x @ np.cos((2 * j + 1) * i)) for j in range(4)]}


def windows(width, first, count):
    """`count` examples from the `first` on: `width` classes of context and the class that follows.
    Class 0 pads before a word and ends it, a to z are 1 to 26."""
    context, target = [], []
    for word in WORDS:
        line = [0] * width + [ord(c) - ord("a") + 1 for c in word] + [0]
        for at in range(width, len(line)):
            context.append(line[at - width:at])
            target.append(line[at])
    if first + count > len(target):
        raise ValueError(f"the words give only {len(target)} examples")
    return {"context": np.array(context[first:first + count]),
            "target": np.array(target[first:first + count])}


def moons(count):
    """Two half circles, each point a little off by a sine."""
    t = np.linspace(0, math.pi, count // 2)
    outer = np.stack([np.cos(t), np.sin(t)], 1)
    inner = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    points = np.concatenate([outer, inner]) + initial((count, 2), 0, 0.1, 1)
    return {"features": points.astype(np.float32).astype(np.float64),
            "label": np.concatenate([np.ones(count // 2), -np.ones(count // 2)])}
