"""Who computes a row: by hand, the eager tape, and `tg.jit`. `peers` has other libraries.

A builder takes a row and a learning rate to a `Side`. All start from copies of the row's params, since a step may be
given its state to write into.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_scratch as tg

from . import handwritten, models
from .rows import Row
from .timing import Side

Gradient = Callable[..., tuple[Any, Any]]
Update = Callable[[Any, Any, Any], tuple[Any, Any]]
Builder = Callable[[Row, float], Side]


def copies(row: Row) -> list[Any]:
    """The row's params, to be written into."""
    return [p.copy() for p in row.params]


def make(
    row: Row,
    params: list[Any],
    gradient: Gradient,
    optimizer: tuple[Any, Update | None],
    compiled: Callable[[Any], Any] = lambda f: f,
    donating: Callable[[Any], Any] = lambda f: f,
    data: tuple[Any, ...] | None = None,
    finish: Callable[[Any], Any] = lambda state: None,
) -> Side:
    """A side of pure functions. Its state is (params, optimizer's state), loss; for a formula params, (loss, gradient).

    gradient     (params, *data) -> loss, gradients
    optimizer    its first state, and `update(params, gradients, state) -> params, state`
    compiled     how the library compiles a function; `donating`: one that may write into its first argument
    """
    data = row.data if data is None else data
    start, update = optimizer
    if update is None:
        run = compiled(gradient)

        def evaluate(state: Any) -> Any:
            return state[0], run(state[0], *data)

        return Side((params, None), evaluate, lambda state: [state[1][0], *state[1][1]], finish)

    def train(state: Any, *data: Any) -> Any:
        params, kept = state
        loss, gradients = gradient(params, *data)
        return update(params, gradients, kept), loss

    fit = donating(train)

    def step(state: Any) -> Any:
        return fit(state[0], *data)

    return Side(((params, start), None), step, lambda state: [state[1], *state[0][0]], finish)


def numpy_optimizer(row: Row, lr: float) -> tuple[Any, Update | None]:
    """The optimizer by hand, in plain NumPy."""
    if row.optimizer == "adam":
        zeros = [np.zeros_like(p) for p in row.params]
        return handwritten.Adam(0, zeros, zeros), lambda p, g, s: handwritten.adam(p, g, s, lr)
    return None, (lambda p, g, s: (handwritten.sgd(p, g, lr), s)) if row.optimizer else None


def tg_optimizer(row: Row, lr: float) -> tuple[Any, Update | None]:
    """`tg.optim`'s, under its contract."""
    if row.optimizer is None:
        return None, None
    opt = tg.optim.adam(lr) if row.optimizer == "adam" else tg.optim.sgd(lr)

    def update(params: Any, gradients: Any, state: Any) -> tuple[Any, Any]:
        updates, state = opt.update(gradients, state, params)
        return tg.optim.apply_updates(params, updates), state

    return opt.init(copies(row)), update


def by_hand(row: Row, lr: float) -> Side:
    """Backprop and optimizer by hand."""
    return make(row, copies(row), row.by_hand, numpy_optimizer(row, lr))


def eager(row: Row, lr: float) -> Side:
    """The tape, anew at each step."""
    gradient = tg.value_and_grad(lambda params, *data: row.loss(models.EAGER, params, *data))
    return make(row, copies(row), gradient, tg_optimizer(row, lr))


def jit(backend: str) -> Builder:
    """The whole step under `tg.jit`, its state donated, the data an argument."""

    def build(row: Row, lr: float) -> Side:
        gradient = tg.value_and_grad(lambda params, *data: row.loss(models.JIT, params, *data))
        return make(
            row,
            copies(row),
            gradient,
            tg_optimizer(row, lr),
            lambda f: tg.jit(f, backend=backend),
            lambda f: tg.jit(f, donate_argnums=0, backend=backend),
        )

    return build


def own() -> dict[str, Builder]:
    """By hand, and what this version and its extras offer."""
    sides: dict[str, Builder] = {"hand": by_hand, "eager": eager}
    sides["jit numpy"] = jit("numpy")
    if importlib.util.find_spec("llvmlite"):
        sides["jit numba"] = jit("numba")
    return sides
