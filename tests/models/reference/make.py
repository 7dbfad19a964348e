"""Trains every model in PyTorch from initial values that a formula gives, and writes what came out.

    python make.py [NAME...]        writes NAME.json beside this file; README.md describes it

All figures are computed in f64. The same run in f32 must stay within TOLERANCE of it, or the set-up
would not tell a mistake from rounding.
"""

import json
import pathlib
import sys

import torch

import formulas
from models import MODELS

TOLERANCE = 2e-5


def start(model, dtype):
    tensors = {}
    for phase, (name, value) in enumerate(model.values.items(), 1):
        if value.spread == 0:  # a constant keeps all its digits
            tensors[name] = torch.full(value.shape, value.centre, dtype=dtype)
        else:
            numbers = formulas.initial(value.shape, value.centre, value.spread, phase,
                                       value.scattered)
            tensors[name] = torch.tensor(numbers, dtype=dtype)
        tensors[name].requires_grad_(not value.state)
    return tensors


def as_tensors(batch, dtype):
    return {name: torch.tensor(array) if array.dtype.kind == "i" else torch.tensor(array, dtype=dtype)
            for name, array in batch.items()}


def gradients(model, tensors, loss):
    names = [name for name, value in model.values.items() if not value.state]
    return dict(zip(names, torch.autograd.grad(loss, [tensors[name] for name in names])))


def without_free(model, tensors):
    """The tensors, with zeros where rounding alone decides."""
    fixed = {name: value.detach().clone() for name, value in tensors.items()}
    for name, value in model.values.items():
        if value.free:
            fixed[name][slice(*value.free)] = 0
    return fixed


def descend(model, optimizer, trained, slopes, step):
    for name, parameter in trained.items():
        parameter.grad = slopes[name].clone()  # clipping changes it in place
    if model.largest_norm:
        torch.nn.utils.clip_grad_norm_(trained.values(), model.largest_norm)
    for group in optimizer.param_groups:
        group["lr"] = model.rate(step, model.steps)
    optimizer.step()


def run(model, dtype):
    """Trains; returns losses, the first step's gradients, the final tensors, the evaluation."""
    tensors = start(model, dtype)
    batches = [as_tensors(batch, dtype) for batch in model.batches]
    trained = {name: tensors[name] for name, value in model.values.items() if not value.state}
    optimizer = model.optimizer(trained) if model.rate else None
    losses, first = [], {}
    for step in range(max(model.steps, 1)):
        inputs = batches[step % len(batches)]
        outputs = model.forward(tensors, inputs, True)
        slopes = {}
        if "loss" in outputs:
            losses.append(outputs["loss"].item())
            slopes = gradients(model, tensors, outputs["loss"])
            first = first or slopes
        if step >= model.steps:
            break
        with torch.no_grad():
            states = model.update(tensors, inputs, outputs)
            if optimizer:
                descend(model, optimizer, trained, slopes, step)
            for name, value in states.items():
                tensors[name].copy_(value)
    with torch.no_grad():
        evaluated = model.forward(tensors, batches[0], False)
    return losses, first, tensors, evaluated


def distance(a, b):
    """How far two summaries or numbers lie apart, relative to the first."""
    if isinstance(a, dict):
        apart = [abs(x - y) for x, y in zip([a["norm"], *a["probes"]], [b["norm"], *b["probes"]])]
        return max(apart) / max(a["norm"], 1e-12)
    return abs(a - b) / max(abs(a), 1e-3)


def figures(model, dtype):
    losses, first, tensors, evaluated = run(model, dtype)
    summarise = lambda values: {k: formulas.summary(v.detach().numpy()) for k, v in values.items()}
    scalars = {k: v.item() for k, v in evaluated.items() if v.dim() == 0}
    found = {"losses": losses, "gradients": summarise(first), "final": summarise(without_free(model, tensors)),
             "evaluated": scalars}
    if model.predicted:
        found["predicted"] = summarise({model.predicted: evaluated[model.predicted]})
    return found


def worst(a, b):
    if isinstance(a, list):
        return max((distance(x, y) for x, y in zip(a, b)), default=0.0)
    return max((distance(a[k], b[k]) for k in a), default=0.0)


def describe(model):
    exact, single = figures(model, torch.float64), figures(model, torch.float32)
    deviation = {key: worst(exact[key], single[key]) for key in exact}
    print(f"{model.name:16} f32 against f64:",
          ", ".join(f"{key} {value:.1e}" for key, value in deviation.items()))
    if model.element == "f32" and max(deviation.values()) > TOLERANCE:
        raise SystemExit(f"{model.name}: f32 and f64 part ways")
    tensors = [{"name": name, "role": "state" if value.state else "parameter",
                "shape": list(value.shape), "centre": value.centre, "spread": value.spread,
                "phase": phase, **({"scattered": True} if value.scattered else {}),
                **({"free": value.free} if value.free else {})}
               for phase, (name, value) in enumerate(model.values.items(), 1)]
    batches = [{name: array.ravel().tolist() for name, array in batch.items()}
               for batch in model.batches]
    sizes = [len(next(iter(batch.values()))) if batch else 1 for batch in model.batches]
    return {"model": model.name, "made_with": f"PyTorch {torch.__version__.split('+')[0]}, f64",
            "element": model.element, "steps": model.steps, "tensors": tensors,
            "batch_sizes": sizes, "batches": batches, **exact}


def text(figures):
    """One key a line, so that a change of figures shows as one."""
    lines = []
    for key, value in figures.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("    " + json.dumps(row) for row in value)
            lines.append(f'  "{key}": [\n{rows}\n  ]')
        elif isinstance(value, dict) and value:
            rows = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            lines.append(f'  "{key}": {{\n{rows}\n  }}')
        else:
            lines.append(f'  "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or [model.name for model in MODELS]
    unknown = set(wanted) - {model.name for model in MODELS}
    if unknown:
        raise SystemExit(f"no model is called {', '.join(sorted(unknown))}")
    for model in MODELS:
        if model.name in wanted:
            path = pathlib.Path(__file__).with_name(f"{model.name}.json")
            path.write_text(text(describe(model)))


if __name__ == "__main__":
    main()
