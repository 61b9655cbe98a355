"""The pieces of optimizers: each takes gradients to updates and keeps a state, a NamedTuple of trees like params."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, ShapeError
from .schedules import Schedule


class GradientTransformation(NamedTuple):
    """`init(params) -> state` and `update(grads, state, params=None) -> updates, state`."""

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


def apply_updates(params: Any, updates: Any) -> Any:
    """params + updates, leaf by leaf, in the dtypes of the params. Raises ShapeError where their shapes differ."""
    return tree.map(_add, params, updates)


def _add(p: Any, u: Any) -> Any:
    new = p + u
    if np.shape(new) != np.shape(p):
        raise ShapeError(f"apply_updates: an update of shape {np.shape(u)} does not fit params of shape {np.shape(p)}")
    return _like(p, new)


def _like(x: Any, new: Any) -> Any:
    """`new` in the dtype of `x`."""
    return new if not hasattr(x, "dtype") or new.dtype == x.dtype else new.astype(x.dtype)


def chain(*parts: GradientTransformation) -> GradientTransformation:
    """The parts one after the other; the state is a tuple with one entry a part."""

    def init(params: Any) -> Any:
        return tuple([part.init(params) for part in parts])

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        if len(state) != len(parts):
            raise ArgumentError(f"chain: the state has {len(state)} entries, expected {len(parts)}, one a part")
        new = []
        for part, s in zip(parts, state, strict=True):
            grads, s = part.update(grads, s, params)
            new.append(s)
        return grads, tuple(new)

    return GradientTransformation(init, update)


def scale(factor: float) -> GradientTransformation:
    """factor * g."""
    return GradientTransformation(
        lambda params: (), lambda grads, state, params=None: (tree.map(lambda g: factor * g, grads), state)
    )


class LearningRateState(NamedTuple):
    """The number of updates made, and the learning rate of the last one."""

    step: Any
    learning_rate: Any


def scale_by_learning_rate(learning_rate: float | Schedule) -> GradientTransformation:
    """-lr * g; lr is a number or a schedule, `step -> lr`, of the step that counts from 0."""

    def rate(step: Any) -> Any:
        return learning_rate(step) if callable(learning_rate) else learning_rate

    def init(params: Any) -> Any:
        return LearningRateState(0, rate(0))

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        lr = rate(state.step)
        return tree.map(lambda g: _like(g, -lr * g), grads), LearningRateState(state.step + 1, lr)

    return GradientTransformation(init, update)


class TraceState(NamedTuple):
    """The decaying sum of past gradients."""

    velocity: Any


def trace(decay: float, nesterov: bool = False) -> GradientTransformation:
    """Momentum: v = g + decay * v; the update is v, or g + decay * v with Nesterov's look ahead.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
    """

    def init(params: Any) -> Any:
        return TraceState(tree.map(np.zeros_like, params))

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        velocity = tree.map(lambda g, v: g + decay * v, grads, state.velocity)
        updates = tree.map(lambda g, v: g + decay * v, grads, velocity) if nesterov else velocity
        return updates, TraceState(velocity)

    return GradientTransformation(init, update)


class AdamState(NamedTuple):
    """The number of updates made, and the running means of g and of g**2."""

    step: Any
    mean: Any
    square: Any


def scale_by_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> GradientTransformation:
    """m / (sqrt(v) + eps) with m, v the running means of g, g**2, freed of their bias towards zero.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    def init(params: Any) -> Any:
        return AdamState(0, tree.map(np.zeros_like, params), tree.map(np.zeros_like, params))

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        step = state.step + 1
        mean = tree.map(lambda g, m: b1 * m + (1 - b1) * g, grads, state.mean)
        square = tree.map(lambda g, v: b2 * v + (1 - b2) * (g * g), grads, state.square)
        root = (1 - b2**step) ** 0.5  # the bias of v leaves the root, as the paper advises: one product an element less
        ratio, floor = root / (1 - b1**step), eps * root
        updates = tree.map(lambda m, v: ratio * m / (np.sqrt(v) + floor), mean, square)
        return updates, AdamState(step, mean, square)

    return GradientTransformation(init, update)
