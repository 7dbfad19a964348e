"""Numbers that a program in any language can make again: initial values, probes, examples."""

import math

import numpy as np

WORDS = """ada alan barbara claude dennis edsger frances grace hedy ivan john kathleen leslie
margaret niklaus ole peter radia shafi tony ursula vint whitfield xena yann zaha""".split()


def initial(shape, centre, spread, phase, scattered=False):
    """Element i, in row-major order, is centre + spread sin(phase + 0.7 k), rounded to f32: k is i, or
    i^2 modulo 9973 if scattered."""
    i = np.arange(math.prod(shape))
    k = i * i % 9973 if scattered else i
    values = centre + spread * np.sin(phase + 0.7 * k.astype(np.float64))
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


def item(word):
    """What comes in and what follows: the boundary, class 0, and the word; the word and the boundary."""
    classes = [ord(c) - ord("a") + 1 for c in word]
    return [0] + classes, classes + [0]


def row_of(window, words):
    """The items of some words side by side, with the position in each; the rest of the row counts
    nothing."""
    tokens, target, position = [], [], []
    for word in words:
        context, following = item(word)
        tokens += context
        target += following
        position += range(len(context))
    room = window - len(tokens)
    if room < 0:
        raise ValueError(f"{' and '.join(words)} do not fit in {window}")
    return (tokens + [0] * room, target + [0] * room, [1.0] * len(tokens) + [0.0] * room,
            position + [0] * room)


def items(window, first, count):
    """A word a row."""
    rows = [row_of(window, [word]) for word in WORDS[first:first + count]]
    tokens, target, weight, _ = (np.array(column) for column in zip(*rows))
    return {"tokens": tokens, "target": target, "weight": weight}


def reversals(room, window, first, count):
    """A word a row, and what is to be made of it: the word from its end to its beginning."""
    sources, lengths, rows = [], [], []
    for word in WORDS[first:first + count]:
        classes = [ord(c) - ord("a") + 1 for c in word]
        sources.append(classes + [0] * (room - len(classes)))
        lengths.append(len(classes))
        rows.append(row_of(window, [word[::-1]]))
    tokens, target, weight, _ = (np.array(column) for column in zip(*rows))
    return {"source": np.array(sources), "length": np.array(lengths), "tokens": tokens,
            "target": target, "weight": weight}


def packed_items(window, first, count):
    """Words in their order, each in the row of the last one if there is room."""
    rows, room = [], 0
    for word in WORDS[first:first + count]:
        if room <= len(word):
            rows.append([])
            room = window
        rows[-1].append(word)
        room -= len(word) + 1
    columns = zip(*(row_of(window, row) for row in rows))
    return dict(zip(("tokens", "target", "weight", "position"), map(np.array, columns)))


def stream(vocab, count, window, first):
    """`count` rows from one sequence of classes; the target is the class after each."""
    i = np.arange(first, first + count * window + 1)
    classes = (7 * i * i + 3 * i + i // 5) % vocab
    return {"tokens": classes[:-1].reshape(count, window),
            "target": classes[1:].reshape(count, window)}


def moons(count):
    """Two half circles, each point a little off by a sine."""
    t = np.linspace(0, math.pi, count // 2)
    outer = np.stack([np.cos(t), np.sin(t)], 1)
    inner = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    points = np.concatenate([outer, inner]) + initial((count, 2), 0, 0.1, 1)
    return {"features": points.astype(np.float32).astype(np.float64),
            "label": np.concatenate([np.ones(count // 2), -np.ones(count // 2)])}
