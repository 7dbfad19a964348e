"""JAX: all steps in one jitted lax.fori_loop, so that nothing but compiled code runs between two."""

import functools

import numpy as np

import jax
import jax.numpy as jnp

import expressions


def moons(p, inputs):
    x = jax.nn.relu(inputs["features"] @ p["layer/0/weight"] + p["layer/0/bias"])
    x = jax.nn.relu(x @ p["layer/1/weight"] + p["layer/1/bias"])
    score = (x @ p["layer/2/weight"] + p["layer/2/bias"])[:, 0]
    penalty = sum((value * value).sum() for value in p.values())
    return jax.nn.relu(1 - inputs["label"] * score).mean() + 1e-4 * penalty


def nplm(p, inputs, one_hot=False):
    context, target = inputs["context"], inputs["target"]
    if one_hot:
        rows = jax.nn.one_hot(context, 27, dtype=p["embedding"].dtype) @ p["embedding"]
    else:
        rows = p["embedding"][context]
    h = jnp.tanh(rows.reshape(len(target), -1) @ p["hidden/weight"] + p["hidden/bias"])
    logits = jax.nn.log_softmax(h @ p["output/weight"] + p["output/bias"])
    if one_hot:
        return -(jax.nn.one_hot(target, 27, dtype=logits.dtype) * logits).sum(1).mean()
    return -jnp.take_along_axis(logits, target[:, None], 1).mean()


def attend(q, k, v, heads):
    split = lambda x: x.reshape(*x.shape[:2], heads, -1)
    mixed = jax.nn.dot_product_attention(split(q), split(k), split(v), is_causal=True)
    return mixed.reshape(q.shape)


def rows_of(table, indices, one_hot):
    return jax.nn.one_hot(indices, len(table), dtype=table.dtype) @ table if one_hot else table[indices]


def loss_of_classes(logits, inputs, one_hot):
    score, target = jax.nn.log_softmax(logits), inputs["target"]
    if one_hot:
        picked = (jax.nn.one_hot(target, logits.shape[-1], dtype=logits.dtype) * score).sum(-1)
    else:
        picked = jnp.take_along_axis(score, target[..., None], -1)[..., 0]
    if "weight" not in inputs:
        return -picked.mean()
    return -(inputs["weight"] * picked).sum() / inputs["weight"].sum()


def microgpt(p, inputs, one_hot=False, heads=4):
    rms_norm = lambda x: x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5)
    x = rms_norm(rows_of(p["wte/weight"], inputs["tokens"], one_hot) + p["wpe/weight"])
    y = rms_norm(x)
    q, k, v = (y @ p[f"layer/0/attention/{part}/weight"] for part in ("query", "key", "value"))
    x = x + attend(q, k, v, heads) @ p["layer/0/attention/output/weight"]
    x = x + jax.nn.relu(rms_norm(x) @ p["layer/0/mlp/0/weight"]) @ p["layer/0/mlp/1/weight"]
    return loss_of_classes(x @ p["lm_head/weight"], inputs, one_hot)


def gpt(p, inputs, one_hot=False, *, heads, layers, relu=False):
    affine = lambda name, x: x @ p[f"{name}/weight"] + p.get(f"{name}/bias", 0)

    def norm(name, x):
        centred = x - x.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
        return centred * scale * p[f"{name}/weight"] + p[f"{name}/bias"]

    positions = p["wpe/weight"][:inputs["tokens"].shape[1]]
    x = rows_of(p["wte/weight"], inputs["tokens"], one_hot) + positions
    for layer in range(layers):
        name = f"h/{layer}"
        qkv = jnp.split(affine(f"{name}/attn/c_attn", norm(f"{name}/ln_1", x)), 3, -1)
        x = x + affine(f"{name}/attn/c_proj", attend(*qkv, heads))
        wide = affine(f"{name}/mlp/c_fc", norm(f"{name}/ln_2", x))
        wide = jax.nn.relu(wide) if relu else jax.nn.gelu(wide, approximate=True)
        x = x + affine(f"{name}/mlp/c_proj", wide)
    x = norm("ln_f", x)
    tied = "lm_head/weight" not in p
    return loss_of_classes(x @ p["wte/weight"].T if tied else affine("lm_head", x), inputs, one_hot)


BY_CLASS = {"nplm": nplm, "microgpt": microgpt, "makemore": functools.partial(gpt, heads=4, layers=4),
            "gpt": functools.partial(gpt, heads=6, layers=6, relu=True),
            "gpt2": functools.partial(gpt, heads=12, layers=12)}


def losses(kind):
    """Embeddings and targets by indexing, and by products with one-hot rows where classes are few."""
    if kind not in BY_CLASS:
        of_scalars = expressions.losses(jax.nn.relu)
        return {"loop": moons if kind == "moons" else of_scalars[kind]}
    gather = {"gather": BY_CLASS[kind]}
    if kind == "gpt2":
        return gather
    return gather | {"one-hot": functools.partial(BY_CLASS[kind], one_hot=True)}


def load(workload, dtype):
    parameters = {k: jnp.asarray(v, dtype=dtype) for k, v in workload.parameters.items()}
    inputs = {k: jnp.asarray(v, dtype="int32" if v.dtype.kind == "i" else dtype)
              for k, v in workload.inputs_of_peers.items()}
    return parameters, inputs


def gradients(workload, dtype):
    parameters, inputs = load(workload, dtype)
    loss_of = next(iter(losses(workload.kind).values()))
    loss, slopes = jax.jit(jax.value_and_grad(loss_of))(parameters, inputs)
    return float(loss), {k: np.asarray(v, dtype=np.float64) for k, v in slopes.items()}


def start(workload, parameters):
    """What the optimizer keeps: nothing, or Adam's two moments and the count of steps."""
    if not workload.betas:
        return ()
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return zeros, zeros, jnp.zeros((), workload.dtype)


def descend(workload, parameters, slopes, kept):
    if not workload.betas:
        return jax.tree.map(lambda p, s: p - workload.rate * s, parameters, slopes), kept
    (beta1, beta2), (first, second, count) = workload.betas, kept
    count = count + 1
    first = jax.tree.map(lambda m, s: beta1 * m + (1 - beta1) * s, first, slopes)
    second = jax.tree.map(lambda v, s: beta2 * v + (1 - beta2) * s * s, second, slopes)

    def moved(p, m, v):
        mean, square = m / (1 - beta1**count), v / (1 - beta2**count)
        way = mean / (jnp.sqrt(square) + workload.epsilon) + workload.decay * p
        return p - workload.rate * way

    return jax.tree.map(moved, parameters, first, second), (first, second, count)


def looped(workload, loss_of):
    parameters, inputs = load(workload, workload.dtype)
    kept = start(workload, parameters)

    @jax.jit
    def train(parameters, kept, inputs, steps):
        def step(_, carry):
            # The loss is carried on, so that it is computed, as everybody else does.
            parameters, kept, _ = carry
            loss, slopes = jax.value_and_grad(loss_of)(parameters, inputs)
            return *descend(workload, parameters, slopes, kept), loss

        return jax.lax.fori_loop(0, steps, step, (parameters, kept, jnp.zeros((), workload.dtype)))

    def run(steps):
        nonlocal parameters, kept
        parameters, kept, loss = train(parameters, kept, inputs, steps)
        loss.block_until_ready()

    return run, lambda: {k: np.asarray(v, dtype=np.float64) for k, v in parameters.items()}


def variants(workload):
    return {name: (lambda loss_of=loss_of: looped(workload, loss_of))
            for name, loss_of in losses(workload.kind).items()}
