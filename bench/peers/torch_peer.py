"""PyTorch: eager and compiled, each in the variants that might be its fastest."""

import functools

import numpy as np
import torch
import torch.nn.functional as F

import expressions


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


def heads_of(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def attend(q, k, v, heads):
    mixed = F.scaled_dot_product_attention(*(heads_of(x, heads) for x in (q, k, v)), is_causal=True)
    return mixed.transpose(1, 2).flatten(2)


def loss_of_classes(logits, inputs):
    if "weight" not in inputs:
        return F.cross_entropy(logits.flatten(0, 1), inputs["target"].flatten())
    surprise = F.cross_entropy(logits.flatten(0, 1), inputs["target"].flatten(), reduction="none")
    weight = inputs["weight"].flatten()
    return (weight * surprise).sum() / weight.sum()


def microgpt(p, inputs, heads=4):
    rms_norm = lambda x: F.rms_norm(x, x.shape[-1:], eps=1e-5)
    x = rms_norm(F.embedding(inputs["tokens"], p["wte/weight"]) + p["wpe/weight"])
    y = rms_norm(x)
    q, k, v = (y @ p[f"layer/0/attention/{part}/weight"] for part in ("query", "key", "value"))
    x = x + attend(q, k, v, heads) @ p["layer/0/attention/output/weight"]
    x = x + (rms_norm(x) @ p["layer/0/mlp/0/weight"]).relu() @ p["layer/0/mlp/1/weight"]
    return loss_of_classes(x @ p["lm_head/weight"], inputs)


def gpt(p, inputs, heads, layers, relu=False):
    affine = lambda name, x: F.linear(x, p[f"{name}/weight"].T, p.get(f"{name}/bias"))
    norm = lambda name, x: F.layer_norm(x, x.shape[-1:], p[f"{name}/weight"], p[f"{name}/bias"])
    positions = p["wpe/weight"][:inputs["tokens"].shape[1]]
    x = F.embedding(inputs["tokens"], p["wte/weight"]) + positions
    for layer in range(layers):
        name = f"h/{layer}"
        qkv = affine(f"{name}/attn/c_attn", norm(f"{name}/ln_1", x)).chunk(3, -1)
        x = x + affine(f"{name}/attn/c_proj", attend(*qkv, heads))
        wide = affine(f"{name}/mlp/c_fc", norm(f"{name}/ln_2", x))
        wide = F.relu(wide) if relu else F.gelu(wide, approximate="tanh")
        x = x + affine(f"{name}/mlp/c_proj", wide)
    x = norm("ln_f", x)
    tied = "lm_head/weight" not in p
    return loss_of_classes(F.linear(x, p["wte/weight"]) if tied else affine("lm_head", x), inputs)


LOSSES = expressions.losses(torch.relu) | {"moons": moons, "nplm": nplm, "microgpt": microgpt,
          "makemore": functools.partial(gpt, heads=4, layers=4),
          "gpt": functools.partial(gpt, heads=6, layers=6, relu=True),
          "gpt2": functools.partial(gpt, heads=12, layers=12)}


def load(workload, dtype):
    dtype = getattr(torch, dtype)
    parameters = {k: torch.tensor(v, dtype=dtype, requires_grad=True)
                  for k, v in workload.parameters.items()}
    inputs = {k: torch.tensor(v) if v.dtype.kind == "i" else torch.tensor(v, dtype=dtype)
              for k, v in workload.inputs_of_peers.items()}
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


def with_optimizer(workload, dtype=None, compile_loss=False, **how):
    """loss.backward() and PyTorch's own optimizer."""
    parameters, inputs = load(workload, dtype or workload.dtype)
    if workload.betas:
        optimizer = torch.optim.AdamW(parameters.values(), lr=workload.rate, betas=workload.betas,
                                      eps=workload.epsilon, weight_decay=workload.decay, **how)
    else:
        optimizer = torch.optim.SGD(parameters.values(), lr=workload.rate, **how)
    loss_of = LOSSES[workload.kind]
    if compile_loss:
        loss_of = torch.compile(loss_of)

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


def whole_step_of_adam(workload):
    """Loss, gradients and Adam compiled as one function; the count of steps is a tensor."""
    parameters, inputs = load(workload, workload.dtype)
    parameters = {k: v.detach() for k, v in parameters.items()}
    first = {k: torch.zeros_like(v) for k, v in parameters.items()}
    second = {k: torch.zeros_like(v) for k, v in parameters.items()}
    count = torch.zeros((), dtype=getattr(torch, workload.dtype))
    loss_of, (beta1, beta2) = LOSSES[workload.kind], workload.betas

    @torch.compile
    def step(parameters, first, second, count, inputs):
        slopes, loss = torch.func.grad_and_value(loss_of)(parameters, inputs)
        count.add_(1)
        for name, value in parameters.items():
            slope = slopes[name]
            first[name].mul_(beta1).add_((1 - beta1) * slope)
            second[name].mul_(beta2).add_((1 - beta2) * slope * slope)
            mean, square = first[name] / (1 - beta1**count), second[name] / (1 - beta2**count)
            way = mean / (square.sqrt() + workload.epsilon) + workload.decay * value
            value.sub_(workload.rate * way)
        return loss

    def run(steps):
        with torch.no_grad():
            for _ in range(steps):
                step(parameters, first, second, count, inputs)

    return run, lambda: as_arrays(parameters)


def reference(workload):
    return (with_optimizer(workload, dtype="float64") if workload.betas
            else with_foreach(workload, dtype="float64"))


def variants(workload, compiled):
    if workload.betas:
        if compiled:
            return {"compiled loss": lambda: with_optimizer(workload, compile_loss=True, fused=True),
                    "compiled step": lambda: whole_step_of_adam(workload)}
        return {"foreach AdamW": lambda: with_optimizer(workload, foreach=True),
                "fused AdamW": lambda: with_optimizer(workload, fused=True)}
    if compiled:
        return {"compiled loss": lambda: with_foreach(workload, compile_loss=True),
                "compiled step": lambda: whole_step(workload)}
    return {"foreach": lambda: with_foreach(workload),
            "fused SGD": lambda: with_optimizer(workload, fused=True)}
