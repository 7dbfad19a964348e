"""JAX generates with GPT-2, greedily: all positions in one jitted loop, with cached keys and values."""

import numpy as np

import jax
import jax.numpy as jnp

WINDOW = 128  # then the next sequence begins


def caches_of(p, layers, heads):
    table = p["wte/weight"]
    return jnp.zeros((layers, 2, heads, WINDOW, table.shape[1] // heads), table.dtype)


def step(p, caches, token, position, heads=12, layers=12):
    """Logits behind a token, and the caches."""
    affine = lambda name, x: x @ p[f"{name}/weight"] + p[f"{name}/bias"]

    def norm(name, x):
        centred = x - x.mean()
        return (centred * jax.lax.rsqrt((centred * centred).mean() + 1e-5) * p[f"{name}/weight"] +
                p[f"{name}/bias"])

    x = p["wte/weight"][token] + p["wpe/weight"][position]
    seen = jnp.arange(WINDOW) <= position
    for layer in range(layers):
        name = f"h/{layer}"
        q, k, v = affine(f"{name}/attn/c_attn", norm(f"{name}/ln_1", x)).reshape(3, heads, -1)
        for i, row in enumerate((k, v)):
            caches = jax.lax.dynamic_update_slice(caches, row[None, None, :, None],
                                                  (layer, i, 0, position, 0))
        scores = jnp.einsum("hd,htd->ht", q, caches[layer, 0]) / q.shape[-1] ** 0.5
        weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        mixed = jnp.einsum("ht,htd->hd", weights, caches[layer, 1])
        x = x + affine(f"{name}/attn/c_proj", mixed.reshape(-1))
        wide = jax.nn.gelu(affine(f"{name}/mlp/c_fc", norm(f"{name}/ln_2", x)), approximate=True)
        x = x + affine(f"{name}/mlp/c_proj", wide)
    return p["wte/weight"] @ norm("ln_f", x), caches


def parameters_of(workload, dtype):
    return {name: jnp.asarray(value, dtype=dtype) for name, value in workload.parameters.items()}


def logits(workload, dtype):
    """Of every position of the workload's tokens."""
    p, rows, one = parameters_of(workload, dtype), [], jax.jit(step)
    caches = caches_of(p, 12, 12)
    for position, token in enumerate(workload.inputs["tokens"][0]):
        row, caches = one(p, caches, int(token), position)
        rows.append(np.asarray(row))
    return np.stack(rows)


def looped(workload):
    p = parameters_of(workload, workload.dtype)

    @jax.jit
    def generate(p, caches, token, position, steps):
        def one(_, carry):
            caches, token, position = carry
            row, caches = step(p, caches, token, position)
            return caches, row.argmax(), (position + 1) % WINDOW

        return jax.lax.fori_loop(0, steps, one, (caches, token, position))

    state = caches_of(p, 12, 12), jnp.argmax(jnp.zeros(1)), jnp.int32(0)

    def run(steps):
        nonlocal state
        state = generate(p, *state, steps)
        state[1].block_until_ready()

    return run, None


def variants(workload):
    return {"loop": lambda: looped(workload)}
