"""PyTorch generates with GPT-2, greedily, one position at a time with cached keys and values."""

import torch
import torch.nn.functional as F

import torch_peer

WINDOW = 128  # then the next sequence begins


def parameters_of(workload, dtype):
    parameters, _ = torch_peer.load(workload, dtype)
    return {name: value.detach() for name, value in parameters.items()}


def caches_of(p, layers, heads):
    table = p["wte/weight"]
    shape = (2, layers, heads, WINDOW, table.shape[1] // heads)
    return torch.zeros(shape, dtype=table.dtype)


def step(p, caches, token, position, seen, heads=12, layers=12):
    """Logits behind a token; `seen` is how much of the caches to look at, or a mask over them."""
    affine = lambda name, x: F.linear(x, p[f"{name}/weight"].T, p[f"{name}/bias"])
    norm = lambda name, x: F.layer_norm(x, x.shape[-1:], p[f"{name}/weight"], p[f"{name}/bias"])
    x = p["wte/weight"][token] + p["wpe/weight"][position]
    for layer in range(layers):
        name = f"h/{layer}"
        q, k, v = affine(f"{name}/attn/c_attn", norm(f"{name}/ln_1", x)).view(3, heads, -1)
        caches[0, layer].index_copy_(1, position[None], k[:, None])
        caches[1, layer].index_copy_(1, position[None], v[:, None])
        keys, values = caches[0, layer], caches[1, layer]
        if isinstance(seen, int):
            keys, values, mask = keys[:, :seen], values[:, :seen], None
        else:
            mask = seen
        mixed = F.scaled_dot_product_attention(q[None, :, None], keys[None], values[None], mask)
        x = x + affine(f"{name}/attn/c_proj", mixed.flatten())
        wide = F.gelu(affine(f"{name}/mlp/c_fc", norm(f"{name}/ln_2", x)), approximate="tanh")
        x = x + affine(f"{name}/mlp/c_proj", wide)
    return F.linear(norm("ln_f", x), p["wte/weight"])


def logits(workload, dtype):
    """Of every position of the workload's tokens."""
    with torch.no_grad():
        p = parameters_of(workload, dtype)
        caches, rows = caches_of(p, 12, 12), []
        for position, token in enumerate(workload.inputs["tokens"][0]):
            rows.append(step(p, caches, int(token), torch.tensor(position), position + 1))
        return torch.stack(rows).numpy()


def growing(workload):
    """Looks at as much of the caches as there is."""
    p = parameters_of(workload, workload.dtype)
    caches = caches_of(p, 12, 12)
    places = [torch.tensor(position) for position in range(WINDOW)]
    token, position = torch.tensor(0), 0

    def run(steps):
        nonlocal token, position
        with torch.no_grad():
            for _ in range(steps):
                token = step(p, caches, token, places[position], position + 1).argmax()
                position = (position + 1) % WINDOW

    return run, None


def fixed(workload):
    """Compiled, with caches of one size behind a mask, so that it is compiled once."""
    p = parameters_of(workload, workload.dtype)
    caches = caches_of(p, 12, 12)
    places, position, token = torch.arange(WINDOW), torch.tensor(0), torch.tensor(0)

    @torch.compile
    def one(token, position):
        token = step(p, caches, token, position, (places <= position)[None]).argmax()
        return token, (position + 1) % WINDOW

    def run(steps):
        nonlocal token, position
        with torch.no_grad():
            for _ in range(steps):
                token, position = one(token, position)

    return run, None


def variants(workload, compiled):
    if compiled:
        return {"fixed caches": lambda: fixed(workload)}
    return {"growing caches": lambda: growing(workload)}
