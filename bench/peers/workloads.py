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


def noise(shape, spread, seed):
    """Of full rank, so that no gradient is zero by chance: Adam would follow its rounding."""
    return spread * np.random.default_rng(seed).standard_normal(shape)


@dataclass
class Workload:
    name: str           # also of the generated program
    title: str
    kind: str           # which function of a peer computes its loss
    parameters: dict
    inputs: dict = field(default_factory=dict)
    rate: float = 0.1
    flop: float = 0
    bytes: float = 0    # that memory must deliver, where caches cannot hold what is read
    dtype: str = "float32"
    threads: tuple = (1,)
    steps: int = 1      # a figure in the table is the time of so many steps
    peers: tuple = ("eager", "compiled", "jax")
    by_hand: tuple = ()  # the program of the peer "by hand", and what it is told
    betas: tuple = ()   # of Adam; none: plain gradient descent
    decay: float = 0    # decoupled, of Adam
    epsilon: float = 1e-8   # of Adam
    # Where a peer needs the same examples in another form than the generated program.
    peer_inputs: dict = None
    # By parameter, elements whose gradient is zero: what Adam makes of its rounding is not compared.
    free: dict = field(default_factory=dict)
    check_steps: int = 20

    @property
    def inputs_of_peers(self):
        return self.inputs if self.peer_inputs is None else self.peer_inputs

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


def points(name, title, kind, count):
    """An expression of two scalars at many points, each updated by its own gradient."""
    return Workload(name, title, kind, {"a": -4 + wave((count,), 1, 0), "b": 2 + wave((count,), 1, 1)},
                    rate=1e-9, dtype="float64", by_hand=("points_by_hand", kind),
                    peers=("eager", "compiled", "jax", "by hand"))


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


NAMES = """ada alan barbara claude dennis edsger frances grace hedy ivan john kathleen leslie margaret
niklaus ole peter radia shafi tony ursula vint whitfield xena yann zaha""".split()


def rows_of(names, window):
    """Each row a list of names: tokens, what follows, which count, and the position in each name."""
    columns = [np.zeros((len(names), window), dtype) for dtype in (int, int, float, int)]
    tokens, target, weight, position = columns
    for row, together in enumerate(names):
        at = 0
        for name in together:
            classes, end = [ord(c) - ord("a") + 1 for c in name], at + len(name) + 1
            tokens[row, at + 1:end] = target[row, at:end - 1] = classes
            weight[row, at:end] = 1
            position[row, at:end] = range(end - at)
            at = end
    return {"tokens": tokens, "target": target, "weight": weight, "position": position}


def packed(names, window):
    """Each name in the fullest row that has room."""
    rows = []
    for name in sorted(names, key=len, reverse=True):
        room = lambda row: window - sum(len(other) + 1 for other in row) - len(name) - 1
        open_rows = [row for row in rows if room(row) >= 0]
        if open_rows:
            min(open_rows, key=room).append(name)
        else:
            rows.append([name])
    return rows


def attended(lengths, width):
    """FLOP of causal attention, forward and backward: scores and what they weigh, once per pair."""
    return sum(3 * 2 * 2 * width * n * (n + 1) / 2 for n in lengths)


def microgpt(width):
    names, window, vocab = NAMES[:16], 16, 27
    shapes = {"wte/weight": (vocab, width), "wpe/weight": (window, width),
              **{f"layer/0/attention/{part}/weight": (width, width)
                 for part in ("query", "key", "value", "output")},
              "layer/0/mlp/0/weight": (width, 4 * width), "layer/0/mlp/1/weight": (4 * width, width),
              "lm_head/weight": (width, vocab)}
    parameters = {name: noise(shape, 1 / math.sqrt(shape[0]), i)
                  for i, (name, shape) in enumerate(shapes.items())}
    lengths = [len(name) + 1 for name in names]
    flop = sum(lengths) * 3 * 2 * (12 * width * width + vocab * width) + attended(lengths, width)
    alone = rows_of([[name] for name in names], window)
    del alone["position"]
    return Workload(f"microgpt_{width}", f"microgpt, {width} wide, 16 names", "microgpt", parameters,
                    rows_of(packed(names, window), window), 0.01, flop, betas=(0.85, 0.99),
                    peer_inputs=alone)


def gpt_parameters(layers, width, window, vocab, attention_bias=True, head=()):
    """By name, and the elements whose gradient is zero: the bias of the keys, which softmax does not see."""
    shapes, free = {"wte/weight": (vocab, width), "wpe/weight": (window, width)}, {}
    for layer in range(layers):
        name = f"h/{layer}"
        shapes |= {f"{name}/ln_1/weight": (width,), f"{name}/ln_1/bias": (width,),
                   f"{name}/attn/c_attn/weight": (width, 3 * width),
                   f"{name}/attn/c_attn/bias": (3 * width,),
                   f"{name}/attn/c_proj/weight": (width, width), f"{name}/attn/c_proj/bias": (width,),
                   f"{name}/ln_2/weight": (width,), f"{name}/ln_2/bias": (width,),
                   f"{name}/mlp/c_fc/weight": (width, 4 * width), f"{name}/mlp/c_fc/bias": (4 * width,),
                   f"{name}/mlp/c_proj/weight": (4 * width, width), f"{name}/mlp/c_proj/bias": (width,)}
        free[f"{name}/attn/c_attn/bias"] = slice(width, 2 * width)
        if not attention_bias:
            del shapes[f"{name}/attn/c_attn/bias"]
    shapes |= {"ln_f/weight": (width,), "ln_f/bias": (width,)}
    if "weight" in head:
        shapes["lm_head/weight"] = (width, vocab)
    if "bias" in head:
        shapes["lm_head/bias"] = (vocab,)
    # Embeddings of size one, so that the first normalisation does not magnify rounding; a tied
    # one is the head's matrix too.
    spreads = {"wpe/weight": 1, "wte/weight": 1 if "weight" in head else 1 / math.sqrt(width)}
    parameters = {}
    for i, (name, shape) in enumerate(shapes.items()):
        spread = spreads.get(name, 1 / math.sqrt(shape[0]) if len(shape) > 1 else 0.1)
        gain = name.split("/")[-2].startswith("ln_") and name.endswith("/weight")
        parameters[name] = noise(shape, spread, i) + (1 if gain else 0)
    return parameters, free


def gpt_flop(layers, width, vocab, lengths):
    return (sum(lengths) * 3 * 2 * (layers * 12 * width * width + vocab * width) +
            layers * attended(lengths, width))


def makemore():
    layers, width, window, vocab = 4, 64, 16, 27
    parameters, free = gpt_parameters(layers, width, window, vocab, head=("weight",))
    names = (NAMES + NAMES[::-1])[:32]
    inputs = rows_of([[name] for name in names], window)
    del inputs["position"]
    # As published, every row is computed to its end.
    flop = gpt_flop(layers, width, vocab, [window] * len(names))
    return Workload("makemore_transformer", "makemore's transformer, 32 names", "makemore", parameters,
                    inputs, 5e-4, flop, betas=(0.9, 0.99), decay=0.01, threads=(1, 2), free=free)


def classes(batch, window, vocab, seed=1):
    drawn = np.random.default_rng(seed).integers(vocab, size=(batch, window + 1))
    return {"tokens": drawn[:, :-1], "target": drawn[:, 1:]}


def character_gpt():
    layers, width, window, vocab, batch = 6, 384, 256, 65, 4
    # Of 120 draws the one whose activations keep farthest from the kink of a ReLU, 6e-7: nearer to it
    # the rounding of a sum decides whether a gradient flows.
    seed = 38
    parameters, free = gpt_parameters(layers, width, window, vocab, False, ("weight", "bias"))
    flop = gpt_flop(layers, width, vocab, [window] * batch)
    return Workload("gpt_6_384", "character GPT 6/6/384, block 256, batch 4", "gpt", parameters,
                    classes(batch, window, vocab, seed), 3e-4, flop, betas=(0.9, 0.999), decay=0.01,
                    threads=(1, 2), check_steps=2)


def gpt2():
    layers, width, positions, vocab, batch, window = 12, 768, 1024, 50_257, 4, 64
    parameters, free = gpt_parameters(layers, width, positions, vocab)
    flop = gpt_flop(layers, width, vocab, [window] * batch)
    return Workload("gpt2_64", "GPT-2 124M, batch 4, 64 positions", "gpt2", parameters,
                    classes(batch, window, vocab), 6e-4, flop, betas=(0.9, 0.95), decay=0.1,
                    threads=(1, 2), free=free, check_steps=2)


def gpt2_decoded():
    """One sequence; each position reads all weights, one row of the table of positions aside."""
    width, positions, vocab = 768, 1024, 50_257
    parameters, _ = gpt_parameters(12, width, positions, vocab)
    weights = sum(value.size for value in parameters.values()) - positions * width
    return Workload("gpt2_decode", "GPT-2 124M, a decoded position", "decode", parameters,
                    {"tokens": classes(1, 8, vocab)["tokens"]}, flop=2 * weights,
                    bytes=4 * weights, threads=(1, 2))


WORKLOADS = {
    "tiny_descent": lambda: Workload(
        "tiny_descent", "tiny graph f64, 100,000 steps in a chain", "tiny",
        {"a": np.array(-41.0), "b": np.array(2.0)}, rate=1e-9, dtype="float64", steps=100_000,
        peers=("eager", "jax", "by hand"), by_hand=("tiny_by_hand",)),
    "tiny_points": lambda: points("tiny_points", "tiny graph f64, 100,000 points", "tiny", 100_000),
    "micrograd_points": lambda: points("micrograd_points", "micrograd's expression f64, 4,096 points",
                                       "micrograd", 4096),
    "moons": moons,
    "nplm": lambda: nplm("nplm", "NPLM 3/10/200, batch 32", 3, 10, 200, 32, (1,)),
    "nplm_wide": lambda: nplm("nplm_wide", "NPLM 8/24/512, batch 128", 8, 24, 512, 128, (1, 2)),
    **{f"microgpt_{width}": lambda width=width: microgpt(width) for width in (16, 32, 64, 128)},
    "makemore_transformer": makemore,
    "gpt_6_384": character_gpt,
    "gpt2_64": gpt2,
    "gpt2_decode": gpt2_decoded,
}
