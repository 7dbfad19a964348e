"""JAX: all steps in one jitted lax.fori_loop, so that nothing but compiled code runs between two."""

import numpy as np

import jax
import jax.numpy as jnp


def tiny(p, inputs):
    a, b = p["a"], p["b"]
    e = (a + b) - (a * b + b * b * b)
    return e * e / 2


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


def losses(kind):
    if kind == "nplm":
        return {"gather": nplm, "one-hot": lambda p, inputs: nplm(p, inputs, one_hot=True)}
    return {"loop": {"tiny": tiny, "moons": moons}[kind]}


def load(workload, dtype):
    parameters = {k: jnp.asarray(v, dtype=dtype) for k, v in workload.parameters.items()}
    inputs = {k: jnp.asarray(v, dtype="int32" if v.dtype.kind == "i" else dtype)
              for k, v in workload.inputs.items()}
    return parameters, inputs


def gradients(workload, dtype):
    parameters, inputs = load(workload, dtype)
    loss_of = next(iter(losses(workload.kind).values()))
    loss, slopes = jax.jit(jax.value_and_grad(loss_of))(parameters, inputs)
    return float(loss), {k: np.asarray(v, dtype=np.float64) for k, v in slopes.items()}


def looped(workload, loss_of):
    parameters, inputs = load(workload, workload.dtype)

    @jax.jit
    def train(parameters, inputs, steps):
        def step(_, carry):
            # The loss is carried on, so that it is computed, as everybody else does.
            parameters, _ = carry
            loss, slopes = jax.value_and_grad(loss_of)(parameters, inputs)
            moved = jax.tree.map(lambda p, s: p - workload.rate * s, parameters, slopes)
            return moved, loss

        return jax.lax.fori_loop(0, steps, step, (parameters, jnp.zeros((), workload.dtype)))

    def run(steps):
        nonlocal parameters
        parameters, loss = train(parameters, inputs, steps)
        loss.block_until_ready()

    return run, lambda: {k: np.asarray(v, dtype=np.float64) for k, v in parameters.items()}


def variants(workload):
    return {name: (lambda loss_of=loss_of: looped(workload, loss_of))
            for name, loss_of in losses(workload.kind).items()}
