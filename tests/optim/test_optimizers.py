"""Optimizers: each reaches the minimum of each problem in each dtype; formulas, states, derivatives and errors."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import optim
from tinygrad_scratch.core.errors import ArgumentError, TreeError


def parabola(params: Any) -> Any:
    """Its minimum, 0, is at a = (1, -2) and b = 3."""
    return np.sum((params["a"] - np.array([1, -2], np.float32)) ** 2) + 2 * np.sum((params["b"] - 3) ** 2)


def rosenbrock(params: Any) -> Any:
    """Its minimum, 0, is at (1, 1), at the end of a curved valley."""
    x, y = params
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(40, 2)).astype(np.float32)
LABELS = (INPUTS @ [1, -2] + RNG.normal(size=40) > 0).astype(np.float32)


def logistic(params: Any) -> Any:
    """Logistic regression with a little weight decay."""
    w, b = params
    return np.mean(tg.losses.binary_cross_entropy(INPUTS @ w + b, LABELS)) + np.sum(w * w) / 100


class Problem(NamedTuple):
    loss: Callable[[Any], Any]
    start: Any
    minimum: float
    steps: int
    sgd: float  # learning rates
    momentum: float
    adam: float


PROBLEMS = {
    "parabola": Problem(parabola, {"a": np.zeros(2), "b": np.zeros(())}, 0, 300, 0.1, 0.03, 0.1),
    "rosenbrock": Problem(rosenbrock, [np.array(-0.5), np.array(0.5)], 0, 4000, 2e-3, 3e-4, 0.03),
    "logistic": Problem(logistic, (np.zeros(2), np.zeros(())), 0.0, 300, 1.0, 0.1, 0.1),
}

OPTIMIZERS: dict[str, Callable[[Any, Callable[[float], Any]], Any]] = {
    "sgd": lambda p, rate: optim.sgd(rate(p.sgd)),
    "momentum": lambda p, rate: optim.sgd(rate(p.momentum), momentum=0.9),
    "nesterov": lambda p, rate: optim.sgd(rate(p.momentum), momentum=0.9, nesterov=True),
    "adam": lambda p, rate: optim.adam(rate(p.adam)),
}
RATES: dict[str, Callable[[float], Any]] = {
    "constant": lambda rate: rate,
    "decay": lambda rate: optim.inverse_time_decay(rate, 1e-4),
    "schedule in float64": lambda rate: lambda step: np.float64(rate) * np.exp(-1e-4 * step),
}


def cast(tree: Any, dtype: Any) -> Any:
    return tg.tree.map(lambda p: p.astype(dtype), tree)


def run(opt: Any, loss: Any, params: Any, steps: int) -> tuple[Any, Any]:
    state, gradient = opt.init(params), tg.grad(loss)
    for _ in range(steps):
        updates, state = opt.update(gradient(params), state, params)
        params = optim.apply_updates(params, updates)
    return params, state


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", RATES.values(), ids=list(RATES))
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_optimizers_converge_and_keep_dtypes(problem: Problem, optimizer: Any, rate: Any, dtype: Any) -> None:
    params, state = run(optimizer(problem, rate), problem.loss, cast(problem.start, dtype), problem.steps)
    assert problem.loss(params) - problem.minimum < 1e-3
    assert {p.dtype for p in tg.tree.leaves(params)} == {np.dtype(dtype)}
    assert {s.dtype for s in tg.tree.leaves(state) if isinstance(s, np.ndarray)} <= {np.dtype(dtype)}
