"""PyTorch: eager and compiled, each in the variants that might be its fastest."""

import numpy as np
import torch
import torch.nn.functional as F


def tiny(p, inputs):
    a, b = p["a"], p["b"]
    e = (a + b) - (a * b + b * b * b)
    return e * e / 2


def moons(p, inputs):
    x = inputs["features"]
    x = torch.relu(torch.addmm(p["layer/0/bias"], x, p["layer/0/weight"]))
    x = torch.relu(torch.addmm(p["layer/1/bias"], x, p["layer/1/weight"]))
    score = torch.addmm(p["layer/2/bias"], x, p["layer/2/weight"])[:, 0]
    penalty = sum((value * value).sum() for value in p.values())
    return torch.relu(1 - inputs["label"] * score).mean() + 1e-4 * penalty


def nplm(p, inputs):
    x = F.embedding(inputs["context"], p["embedding"]).flatten(1)
    h = torch.tanh(torch.addmm(p["hidden/bias"], x, p["hidden/weight"]))
    logits = torch.addmm(p["output/bias"], h, p["output/weight"])
    return F.cross_entropy(logits, inputs["target"])


LOSSES = {"tiny": tiny, "moons": moons, "nplm": nplm}


def load(workload, dtype):
    dtype = getattr(torch, dtype)
    parameters = {k: torch.tensor(v, dtype=dtype, requires_grad=True)
                  for k, v in workload.parameters.items()}
    inputs = {k: torch.tensor(v) if v.dtype.kind == "i" else torch.tensor(v, dtype=dtype)
              for k, v in workload.inputs.items()}
    return parameters, inputs


def gradients(workload, dtype, compiled=False):
    """Loss and gradients as numpy arrays, in the precision asked for."""
    parameters, inputs = load(workload, dtype)
    loss_of = torch.compile(LOSSES[workload.kind]) if compiled else LOSSES[workload.kind]
    loss = loss_of(parameters, inputs)
    slopes = torch.autograd.grad(loss, list(parameters.values()))
    return loss.item(), {k: s.numpy().astype(np.float64) for k, s in zip(parameters, slopes)}


def as_arrays(parameters):
    return {k: v.detach().numpy().astype(np.float64) for k, v in parameters.items()}


# A variant is a pair of functions: run(steps), and one that gives the parameters as they are.

def with_foreach(workload, compile_loss=False, dtype=None):
    """Autograd, then all parameters updated in one call."""
    parameters, inputs = load(workload, dtype or workload.dtype)
    values = list(parameters.values())
    loss_of = LOSSES[workload.kind]
    if compile_loss:
        loss_of = torch.compile(loss_of)

    def run(steps):
        for _ in range(steps):
            slopes = torch.autograd.grad(loss_of(parameters, inputs), values)
            with torch.no_grad():
                torch._foreach_add_(values, slopes, alpha=-workload.rate)

    return run, lambda: as_arrays(parameters)


def with_optimizer(workload):
    """loss.backward() and PyTorch's fused SGD."""
    parameters, inputs = load(workload, workload.dtype)
    optimizer = torch.optim.SGD(parameters.values(), lr=workload.rate, fused=True)
    loss_of = LOSSES[workload.kind]

    def run(steps):
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss_of(parameters, inputs).backward()
            optimizer.step()

    return run, lambda: as_arrays(parameters)


def whole_step(workload):
    """Loss, gradients and update compiled as one function."""
    parameters, inputs = load(workload, workload.dtype)
    parameters = {k: v.detach() for k, v in parameters.items()}
    loss_of = LOSSES[workload.kind]

    @torch.compile
    def step(parameters, inputs):
        slopes, loss = torch.func.grad_and_value(loss_of)(parameters, inputs)
        for name, value in parameters.items():
            value.sub_(workload.rate * slopes[name])
        return loss

    def run(steps):
        with torch.no_grad():
            for _ in range(steps):
                step(parameters, inputs)

    return run, lambda: as_arrays(parameters)


def variants(workload, compiled):
    if compiled:
        return {"compiled loss": lambda: with_foreach(workload, compile_loss=True),
                "compiled step": lambda: whole_step(workload)}
    return {"foreach": lambda: with_foreach(workload),
            "fused SGD": lambda: with_optimizer(workload)}
