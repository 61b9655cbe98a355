"""Problems with known minima, and a setting of every optimizer for each."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg
from tinygrad_scratch import optim


def parabola(params: Any) -> Any:
    """Its minimum, 0, is at a = (1, -2) and b = 3."""
    return np.sum((params["a"] - np.array([1, -2], np.float32)) ** 2) + 2 * np.sum((params["b"] - 3) ** 2)


def rosenbrock(params: Any) -> Any:
    """Its minimum, 0, is at (1, 1), at the end of a curved valley."""
    x, y = params
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


RNG = np.random.RandomState(0)  # its numbers are the same in every NumPy
INPUTS = RNG.normal(size=(40, 2)).astype(np.float32)
LABELS = (INPUTS @ [1, -2] + RNG.normal(size=40) > 0).astype(np.float32)


def logistic(params: Any) -> Any:
    """Logistic regression with a little weight decay. Its minimum, by scipy.optimize.minimize, is 0.4355164."""
    w, b = params
    return np.mean(tg.losses.sigmoid_cross_entropy(INPUTS @ w + b, LABELS)) + np.sum(w * w) / 100


class Problem(NamedTuple):
    loss: Callable[[Any], Any]
    start: Any
    minimum: float
    steps: int


PROBLEMS = {
    "parabola": Problem(parabola, {"a": np.zeros(2), "b": np.zeros(())}, 0, 300),
    "rosenbrock": Problem(rosenbrock, [np.array(-0.5), np.array(0.5)], 0, 4000),
    "logistic": Problem(logistic, (np.zeros(2), np.zeros(())), 0.4355164, 300),
}

# an optimizer for a learning rate and a number of steps, and its learning rates for the three problems
OPTIMIZERS: dict[str, tuple[Callable[[float, int], Any], tuple[float, float, float]]] = {
    "sgd": (lambda lr, n: optim.sgd(lr), (0.1, 2e-3, 1.0)),
    "momentum": (lambda lr, n: optim.sgd(lr, momentum=0.9), (0.03, 3e-4, 0.1)),
    "nesterov": (lambda lr, n: optim.sgd(lr, momentum=0.9, nesterov=True), (0.03, 3e-4, 0.1)),
    "adagrad": (lambda lr, n: optim.adagrad(lr), (1.0, 0.3, 1.0)),
    "rmsprop": (lambda lr, n: optim.rmsprop(lr), (0.03, 1e-3, 0.01)),
    "rmsprop centered": (lambda lr, n: optim.rmsprop(lr, centered=True, momentum=0.5), (0.01, 1e-3, 0.01)),
    "adadelta": (lambda lr, n: optim.adadelta(optim.cosine_decay(lr, n), eps=1e-4), (1.0, 0.1, 1.0)),
    "adam": (lambda lr, n: optim.adam(lr), (0.1, 0.03, 0.1)),
    "adamw": (lambda lr, n: optim.adamw(lr, weight_decay=1e-5), (0.1, 0.01, 0.1)),
    "nadam": (lambda lr, n: optim.nadam(lr), (0.1, 0.01, 0.1)),
    "radam": (lambda lr, n: optim.radam(lr), (0.3, 3e-3, 0.1)),
    "lion": (lambda lr, n: optim.lion(optim.cosine_decay(lr, n)), (0.1, 0.1, 0.1)),
    "lbfgs": (lambda lr, n: optim.lbfgs(), (0, 0, 0)),
}


def setting(name: str, problem: str) -> tuple[Any, Problem]:
    """The optimizer of that name as set for the problem of that name."""
    make, rates = OPTIMIZERS[name]
    return make(rates[list(PROBLEMS).index(problem)], PROBLEMS[problem].steps), PROBLEMS[problem]


def cast(tree: Any, dtype: Any) -> Any:
    return tg.tree.map(lambda p: p.astype(dtype), tree)


def step(opt: Any, loss: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`(params, state) -> (params, state)`."""

    def one(both: Any) -> Any:
        params, state = both
        value, grads = tg.value_and_grad(loss)(params)
        updates, state = opt.update(grads, state, params, value=value, value_fn=loss)
        return optim.apply_updates(params, updates), state

    return one


def run(opt: Any, loss: Callable[[Any], Any], params: Any, steps: int) -> tuple[Any, Any]:
    one, both = step(opt, loss), (params, opt.init(params))
    for _ in range(steps):
        both = one(both)
    return both  # type: ignore[return-value]
