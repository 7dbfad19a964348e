"""The models of models/*.cpp in PyTorch, written again from the papers and lectures; model.py says what
a model is."""

import torch
import torch.nn.functional as F

import attention_models
import formulas
from model import Model, Value


def scalar(value):
    return Value((), 0.0, value)


def micrograd(t, inputs, training):
    a, b = t["a"], t["b"]
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    f = (c - d) ** 2
    return {"loss": f / 2 + 10 / f}


def tiny(t, inputs, training):
    a, b = t["a"], t["b"]
    return {"loss": ((a + b) - (a * b + b**3)) ** 2 / 2}


def neuron(t, inputs, training):
    return {"loss": torch.tanh(t["x1"] * t["w1"] + t["x2"] * t["w2"] + t["b"])}


def moons(t, inputs, training):
    x = inputs["features"]
    x = torch.relu(x @ t["layer/0/weight"] + t["layer/0/bias"])
    x = torch.relu(x @ t["layer/1/weight"] + t["layer/1/bias"])
    score = (x @ t["layer/2/weight"] + t["layer/2/bias"])[:, 0]
    margin = score * inputs["label"]
    penalty = sum((p * p).sum() for p in t.values())
    return {"loss": torch.relu(1 - margin).mean() + 1e-4 * penalty,
            "accuracy": (margin > 0).to(score.dtype).mean(), "score": score}


def pairs(inputs, dtype):
    one_hot = lambda classes: F.one_hot(classes.long(), 27).to(dtype)
    return one_hot(inputs["context"][:, 0]), one_hot(inputs["target"])


def bigram_counts(t, inputs, training):
    last, following = pairs(inputs, t["counts"].dtype)

    def surprise(count):
        probability = count / count.sum(1, keepdim=True).clamp(min=1)
        return -((last @ probability * following).sum(1)).log().mean()

    return {"nll": surprise(t["counts"]), "nll_smoothed": surprise(t["counts"] + 1),
            "logits": last @ (t["counts"] + 1).log()}


def count_pairs(t, inputs, outputs):
    last, following = pairs(inputs, t["counts"].dtype)
    return {"counts": t["counts"] + last.T @ following}


def bigram(t, inputs, training):
    last, _ = pairs(inputs, t["weight"].dtype)
    logits = last @ t["weight"]
    nll = F.cross_entropy(logits, inputs["target"].long())
    return {"loss": nll + 0.01 * (t["weight"] ** 2).mean(), "nll": nll, "logits": logits}


def nplm(t, inputs, training):
    x = t["embedding"][inputs["context"].long()].flatten(1)
    h = torch.tanh(x @ t["hidden/weight"] + t["hidden/bias"])
    logits = h @ t["output/weight"] + t["output/bias"]
    return {"loss": F.cross_entropy(logits, inputs["target"].long()), "logits": logits}


def nplm_batchnorm(t, inputs, training):
    z = t["embedding"][inputs["context"].long()].flatten(1) @ t["hidden/weight"]
    mean, variance = t["norm/running_mean"].clone(), t["norm/running_variance"].clone()
    h = torch.tanh(F.batch_norm(z, mean, variance, t["norm/weight"], t["norm/bias"], training,
                                momentum=0.001, eps=1e-5))
    logits = h @ t["output/weight"] + t["output/bias"]
    return {"loss": F.cross_entropy(logits, inputs["target"].long()), "logits": logits,
            "norm/running_mean": mean, "norm/running_variance": variance}


def running_statistics(t, inputs, outputs):
    return {name: outputs[name] for name in ("norm/running_mean", "norm/running_variance")}


def lecture_rate(step, steps):
    return 0.1 if step < 0.5 * steps else 0.01


# Batches of several sizes, so that a step is also tried on fewer examples than it has room for.
WINDOWS = [formulas.windows(3, first, count) for first, count in ((0, 32), (32, 17), (49, 32), (81, 5))]
PAIRS = [formulas.windows(1, 0, 150)]

MODELS = [
    Model("micrograd", "f64", {"a": scalar(-4), "b": scalar(2)}, micrograd),
    Model("tiny", "f64", {"a": scalar(-41), "b": scalar(2)}, tiny),
    Model("neuron", "f64",
          {"x1": scalar(2), "w1": scalar(-3), "x2": scalar(0), "w2": scalar(1),
           "b": scalar(6.8813735870195432)}, neuron),
    Model("moons", "f32",
          {"layer/0/weight": Value((2, 16), 0.8), "layer/0/bias": Value((16,), 0.1),
           "layer/1/weight": Value((16, 16), 0.4), "layer/1/bias": Value((16,), 0.1),
           "layer/2/weight": Value((16, 1), 0.4), "layer/2/bias": Value((1,), 0.1)},
          moons, [formulas.moons(100)], 30, lambda step, steps: 1 - 0.9 * step / steps,
          predicted="score"),
    Model("bigram_counts", "f32", {"counts": Value((27, 27), 0, state=True)}, bigram_counts,
          [formulas.windows(1, 0, 100), formulas.windows(1, 100, 50)], 2, update=count_pairs,
          predicted="logits"),
    Model("bigram", "f32", {"weight": Value((27, 27), 1)}, bigram, PAIRS, 50,
          lambda step, steps: 50, predicted="logits"),
    Model("nplm", "f32",
          {"embedding": Value((27, 10), 1), "hidden/weight": Value((30, 200), 0.3),
           "hidden/bias": Value((200,), 0.1), "output/weight": Value((200, 27), 0.1),
           "output/bias": Value((27,), 0.1)},
          nplm, WINDOWS, 60, lecture_rate, predicted="logits"),
    Model("nplm_batchnorm", "f32",
          {"embedding": Value((27, 10), 1), "hidden/weight": Value((30, 200), 0.3),
           "norm/running_mean": Value((200,), 0, state=True),
           "norm/running_variance": Value((200,), 0, 1, state=True),
           "norm/weight": Value((200,), 0.1, 1), "norm/bias": Value((200,), 0.1),
           "output/weight": Value((200, 27), 0.1), "output/bias": Value((27,), 0.1)},
          nplm_batchnorm, WINDOWS, 60, lecture_rate, running_statistics, predicted="logits"),
    *attention_models.MODELS,
]
