"""The transformers of models/*.cpp in PyTorch, as models.py describes; sizes are those of the tests."""

import functools
import math

import torch
import torch.nn.functional as F

import formulas
from model import Model, Value


def matrix(inputs, outputs, spread):
    return Value((inputs, outputs), spread, scattered=True)


def attend(q, k, v, seen):
    """q [B, T, H, D], k and v [B, T, G, D], seen [B or 1, T, T]: to [B, T, H D]."""
    shared = q.shape[2] // k.shape[2]
    k, v = (x.repeat_interleave(shared, 2) for x in (k, v))
    score = torch.einsum("bthd,bshd->bhts", q, k) / math.sqrt(q.shape[3])
    weight = score.masked_fill(~seen[:, None], -math.inf).softmax(-1)
    return torch.einsum("bhts,bshd->bthd", weight, v).flatten(2)


def causal(time):
    return torch.ones(1, time, time, dtype=torch.bool).tril()


def within_items(position):
    """Positions [B, T] count from 0 within each item; a query sees its item up to itself."""
    place = torch.arange(position.shape[1])
    begin = place - position
    return causal(position.shape[1]) & (place[None, None, :] >= begin[:, :, None])


def heads_of(x, heads):
    return x.unflatten(-1, (heads, -1))


def affine(t, name, x):
    y = x @ t[f"{name}/weight"]
    return y + t[f"{name}/bias"] if f"{name}/bias" in t else y


def layer_norm(t, name, x):
    return F.layer_norm(x, x.shape[-1:], t[f"{name}/weight"], t[f"{name}/bias"])


def rms_norm(x, weight=None):
    return F.rms_norm(x, x.shape[-1:], weight, 1e-5)


def weighted_loss(logits, inputs, smoothing=0.0):
    surprise = F.cross_entropy(logits.flatten(0, 1), inputs["target"].long().flatten(), reduction="none",
                               label_smoothing=smoothing)
    weight = inputs["weight"].flatten() if "weight" in inputs else torch.ones_like(surprise)
    return (weight * surprise).sum() / weight.sum()


def gpt(t, inputs, training, layers, heads, activation, tied=False):
    """GPT-2 and the two that A. Karpathy teaches, which differ in the activation and in biases."""
    x = t["wte/weight"][inputs["tokens"].long()] + t["wpe/weight"]
    for layer in range(layers):
        name = f"h/{layer}"
        qkv = affine(t, f"{name}/attn/c_attn", layer_norm(t, f"{name}/ln_1", x))
        q, k, v = (heads_of(part, heads) for part in qkv.chunk(3, -1))
        x = x + affine(t, f"{name}/attn/c_proj", attend(q, k, v, causal(x.shape[1])))
        wide = activation(affine(t, f"{name}/mlp/c_fc", layer_norm(t, f"{name}/ln_2", x)))
        x = x + affine(t, f"{name}/mlp/c_proj", wide)
    x = layer_norm(t, "ln_f", x)
    logits = x @ t["wte/weight"].T if tied else affine(t, "lm_head", x)
    return {"loss": weighted_loss(logits, inputs), "logits": logits}


def gpt_values(vocab, block, layers, width, attention_bias, head):
    values = {"wte/weight": matrix(vocab, width, 0.3), "wpe/weight": matrix(block, width, 0.3)}

    def norm(name):
        values[f"{name}/weight"] = Value((width,), 0.1, 1)
        values[f"{name}/bias"] = Value((width,), 0.1)

    def linear(name, inputs, outputs, bias=True, free=None):
        values[f"{name}/weight"] = matrix(inputs, outputs, 1.5 / math.sqrt(inputs))
        if bias:
            values[f"{name}/bias"] = Value((outputs,), 0.1, free=free)

    for layer in range(layers):
        norm(f"h/{layer}/ln_1")
        # Softmax does not see a bias of the keys: its gradient is zero but for rounding.
        linear(f"h/{layer}/attn/c_attn", width, 3 * width, attention_bias, (width, 2 * width))
        linear(f"h/{layer}/attn/c_proj", width, width)
        norm(f"h/{layer}/ln_2")
        linear(f"h/{layer}/mlp/c_fc", width, 4 * width)
        linear(f"h/{layer}/mlp/c_proj", 4 * width, width)
    norm("ln_f")
    if head is not None:
        linear("lm_head", width, vocab, head)
    return values


def microgpt(t, inputs, training, heads=4):
    position = inputs["position"].long()
    seen = within_items(position)
    x = rms_norm(t["wte/weight"][inputs["tokens"].long()] + t["wpe/weight"][position])
    y = rms_norm(x)
    q, k, v = (heads_of(affine(t, f"layer/0/attention/{name}", y), heads)
               for name in ("query", "key", "value"))
    x = x + affine(t, "layer/0/attention/output", attend(q, k, v, seen))
    x = x + affine(t, "layer/0/mlp/1", affine(t, "layer/0/mlp/0", rms_norm(x)).relu())
    logits = affine(t, "lm_head", x)
    return {"loss": weighted_loss(logits, inputs), "logits": logits}


def microgpt_values(vocab=27, block=16, width=16):
    attention = {f"layer/0/attention/{name}/weight": matrix(width, width, 0.3)
                 for name in ("query", "key", "value", "output")}
    return {"wte/weight": matrix(vocab, width, 0.3), "wpe/weight": matrix(block, width, 0.3),
            **attention, "layer/0/mlp/0/weight": matrix(width, 4 * width, 0.3),
            "layer/0/mlp/1/weight": matrix(4 * width, width, 0.2),
            "lm_head/weight": matrix(width, vocab, 0.3)}


def rotary(x, base=10_000):
    """Turns elements i and i + D / 2 of x [B, T, H, D] by t base^(-2 i / D)."""
    time, half = x.shape[1], x.shape[3] // 2
    place, pair = torch.arange(time, dtype=x.dtype), torch.arange(half, dtype=x.dtype)
    angle = (place[:, None] * base ** (-pair / half))[:, None, :]
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


def llama(t, inputs, training, layers=2, heads=4, groups=2):
    x = t["embed/weight"][inputs["tokens"].long()]
    for layer in range(layers):
        name = f"layers/{layer}"
        y = rms_norm(x, t[f"{name}/attention_norm/weight"])
        q = rotary(heads_of(affine(t, f"{name}/attention/query", y), heads))
        k = rotary(heads_of(affine(t, f"{name}/attention/key", y), groups))
        v = heads_of(affine(t, f"{name}/attention/value", y), groups)
        x = x + affine(t, f"{name}/attention/output", attend(q, k, v, causal(x.shape[1])))
        y = rms_norm(x, t[f"{name}/mlp_norm/weight"])
        gated = F.silu(affine(t, f"{name}/gate", y)) * affine(t, f"{name}/up", y)
        x = x + affine(t, f"{name}/down", gated)
    logits = affine(t, "head", rms_norm(x, t["norm/weight"]))
    return {"loss": weighted_loss(logits, inputs), "logits": logits}


def llama_values(vocab=65, layers=2, heads=4, groups=2, width=32, hidden=88):
    values = {"embed/weight": matrix(vocab, width, 0.5)}

    def linear(name, inputs, outputs):
        values[f"{name}/weight"] = matrix(inputs, outputs, 1.5 / math.sqrt(inputs))

    for layer in range(layers):
        name, shared = f"layers/{layer}", width // heads * groups
        values[f"{name}/attention_norm/weight"] = Value((width,), 0.1, 1)
        linear(f"{name}/attention/query", width, width)
        linear(f"{name}/attention/key", width, shared)
        linear(f"{name}/attention/value", width, shared)
        linear(f"{name}/attention/output", width, width)
        values[f"{name}/mlp_norm/weight"] = Value((width,), 0.1, 1)
        linear(f"{name}/gate", width, hidden)
        linear(f"{name}/up", width, hidden)
        linear(f"{name}/down", hidden, width)
    values["norm/weight"] = Value((width,), 0.1, 1)
    linear("head", width, vocab)
    return values


def sinusoids(time, width, dtype):
    """sin and cos of t 10000^(-2 i / width), side by side."""
    place, pair = torch.arange(time, dtype=dtype), torch.arange(width // 2, dtype=dtype)
    angle = place[:, None] * 10_000 ** (-2 * pair / width)
    return torch.cat([angle.sin(), angle.cos()], -1)


def transformer(t, inputs, training, layers=2, heads=2):
    table = t["embedding/weight"]

    def embed(tokens):
        return table[tokens.long()] * math.sqrt(table.shape[1]) + sinusoids(tokens.shape[1], table.shape[1],
                                                                            table.dtype)

    def look(name, x, memory, seen):
        q, k, v = (heads_of(affine(t, f"{name}/{part}", of), heads)
                   for part, of in (("query", x), ("key", memory), ("value", memory)))
        return layer_norm(t, f"{name}/norm", x + affine(t, f"{name}/output", attend(q, k, v, seen)))

    def feed_forward(name, x):
        wide = affine(t, f"{name}/0", x).relu()
        return layer_norm(t, f"{name}/norm", x + affine(t, f"{name}/1", wide))

    source, tokens = inputs["source"], inputs["tokens"]
    filled = torch.arange(source.shape[1])[None, None, :] < inputs["length"][:, None, None]
    memory, y = embed(source), embed(tokens)
    for layer in range(layers):
        memory = look(f"encoder/{layer}/attention", memory, memory, filled)
        memory = feed_forward(f"encoder/{layer}/mlp", memory)
    for layer in range(layers):
        y = look(f"decoder/{layer}/attention", y, y, causal(tokens.shape[1]))
        y = look(f"decoder/{layer}/cross", y, memory, filled)
        y = feed_forward(f"decoder/{layer}/mlp", y)
    logits = y @ table.T
    return {"loss": weighted_loss(logits, inputs, 0.1), "logits": logits}


def transformer_values(vocab=27, layers=2, width=32, hidden=64):
    values = {"embedding/weight": matrix(vocab, width, 0.25)}

    def norm(name):
        values[f"{name}/norm/weight"] = Value((width,), 0.1, 1)
        values[f"{name}/norm/bias"] = Value((width,), 0.1)

    def linear(name, inputs, outputs, bias):
        values[f"{name}/weight"] = matrix(inputs, outputs, 1.5 / math.sqrt(inputs))
        if bias:
            values[f"{name}/bias"] = Value((outputs,), 0.1)

    for part, looks in (("encoder", ["attention"]), ("decoder", ["attention", "cross"])):
        for layer in range(layers):
            for name in (f"{part}/{layer}/{look}" for look in looks):
                for projection in ("query", "key", "value", "output"):
                    linear(f"{name}/{projection}", width, width, False)
                norm(name)
            name = f"{part}/{layer}/mlp"
            linear(f"{name}/0", width, hidden, True)
            linear(f"{name}/1", hidden, width, True)
            norm(name)
    return values


# --- Optimizers -----------------------------------------------------------------------------------

def adamw(betas=(0.9, 0.999), decay=0.01):
    return lambda tensors: torch.optim.AdamW(tensors.values(), betas=betas, weight_decay=decay)


def matrices_decay(tensors):
    matrices = [p for p in tensors.values() if p.dim() >= 2]
    vectors = [p for p in tensors.values() if p.dim() < 2]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1},
                              {"params": vectors, "weight_decay": 0.0}], betas=(0.9, 0.95))


def adam_of_microgpt(tensors):
    return torch.optim.Adam(tensors.values(), betas=(0.85, 0.99))


def adam_of_vaswani(tensors):
    return torch.optim.Adam(tensors.values(), betas=(0.9, 0.98), eps=1e-9)


def inverse_sqrt(step, width, warmup):
    return width**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


def warmed_cosine(step, steps, warmup=100, floor=0.1):
    if step < warmup:
        return (step + 1) / warmup
    progress = min((step - warmup) / max(steps - warmup, 1), 1)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


# Each name a row of 16; or as many names in a row as fit, each seeing itself only.
NAMES = [formulas.items(16, first, count) for first, count in ((0, 12), (12, 8), (20, 5))]
PACKED = [formulas.packed_items(16, first, count) for first, count in ((0, 16), (16, 9))]


# Each name to be turned round.
REVERSALS = [formulas.reversals(12, 10, first, count) for first, count in ((0, 10), (10, 7), (17, 8))]


def streams(vocab, counts=(4, 3)):
    return [formulas.stream(vocab, count, 16, first) for count, first in zip(counts, (0, 64))]


NEW_GELU = functools.partial(F.gelu, approximate="tanh")

MODELS = [
    Model("makemore_transformer", "f32", gpt_values(27, 16, 4, 64, True, False),
          functools.partial(gpt, layers=4, heads=4, activation=NEW_GELU), NAMES, 20,
          lambda step, steps: 5e-4, optimizer=adamw((0.9, 0.99)), predicted="logits"),
    Model("microgpt", "f32", microgpt_values(), microgpt, PACKED, 30,
          lambda step, steps: 0.01 * (1 - step / steps), optimizer=adam_of_microgpt,
          predicted="logits"),
    Model("gpt", "f32", gpt_values(65, 16, 2, 32, False, True),
          functools.partial(gpt, layers=2, heads=2, activation=torch.relu), streams(65), 20,
          lambda step, steps: 3e-4, optimizer=adamw(), predicted="logits"),
    Model("gpt2", "f32", gpt_values(97, 16, 2, 32, True, None),
          functools.partial(gpt, layers=2, heads=2, activation=NEW_GELU, tied=True), streams(97, (3, 2)), 20,
          lambda step, steps: 6e-4, optimizer=matrices_decay, predicted="logits"),
    Model("llama", "f32", llama_values(), llama, streams(65), 120,
          lambda step, steps: 1e-3 * warmed_cosine(step, steps),
          optimizer=adamw((0.9, 0.95), 0.1), largest_norm=1, predicted="logits"),
    Model("transformer", "f32", transformer_values(), transformer, REVERSALS, 11,
          lambda step, steps: inverse_sqrt(step, 32, 8), optimizer=adam_of_vaswani,
          predicted="logits"),
]
