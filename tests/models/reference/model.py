"""What a model of models.py and attention_models.py says of itself.

A model lists its tensors under the names that the declaration gives them, in its order, each with
the formula of its initial values (formulas.initial), its batches, and these functions:

  forward(t, inputs, training)  from tensors and a batch to a dictionary of outputs, "loss" among them
  rate(step, steps)             the learning rate of a step; None: nothing is trained by gradients
  optimizer(t)                  PyTorch's own, on the parameters
  update(t, inputs, outputs)    new values of states
"""

from dataclasses import dataclass, field
from typing import Callable

import torch


@dataclass
class Value:
    shape: tuple
    spread: float
    centre: float = 0.0
    state: bool = False
    # Of full rank, where the plain formula gives a matrix of rank 2 (formulas.initial).
    scattered: bool = False
    # Elements from the first to before the second have a gradient of zero, and what an optimizer makes
    # of its rounding is no figure to compare.
    free: tuple = None


@dataclass
class Model:
    name: str
    element: str
    values: dict
    forward: Callable
    batches: list = field(default_factory=lambda: [{}])
    steps: int = 0
    rate: Callable = None
    update: Callable = lambda t, inputs, outputs: {}
    optimizer: Callable = lambda tensors: torch.optim.SGD(tensors.values())
    largest_norm: float = None  # that of all gradients together is cut to it
    predicted: str = None  # the output that `predict` is compared on
