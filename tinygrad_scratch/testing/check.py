"""check_grads: derivatives against numerical ones, in both modes and at any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, GradientError
from ..transforms.arguments import differentiable
from ..transforms.grad import vjp
from ..transforms.jvp import jvp
from .numeric import directional_derivative

DIRECTIONS = 3


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("rev", "fwd"),
    seed: int = 0,
) -> None:
    """Raise GradientError unless the derivatives of `f` at `args` agree with numerical ones.

    For random directions t and cotangents g, <g, J t> is compared with the derivative of <g, f(args + h t)>, from
    forward mode (jvp) and from reverse mode (vjp); then the same for the vjp of f itself, up to `order`. The tolerance
    is four times the error estimate of the numerical derivative, and the rounding of the sums. Arguments and answer are
    trees of floats; float32 arguments are moved in float64, and f must be smooth near them.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.testing.check_grads(lambda x: np.sum(np.sin(x) * x), (np.array([0.3, -1.0]),))
    >>> wrong = tg.elementwise("wrong", lambda x: np.sin(x), lambda g, ans, x: -g * np.cos(x))
    >>> tg.testing.check_grads(wrong, (0.5,), order=1)
    Traceback (most recent call last):
        ...
    tinygrad_scratch.core.errors.GradientError: check_grads: reverse mode, order 1: ...
    """
    unknown = set(modes) - {"rev", "fwd"}
    if unknown or not modes or order < 1:
        raise ArgumentError(
            f"check_grads: order={order}, modes={modes!r}; order must be 1 or more, modes 'rev' or 'fwd'"
        )
    leaves, structure = tree.flatten(tuple(args))
    values = differentiable(leaves, structure, "check_grads", tuple(range(len(args))))
    _check(f, values, structure, order, modes, np.random.default_rng(seed), 1)


def _check(
    f: Callable[..., Any],
    values: list[Any],
    structure: tree.Structure,
    order: int,
    modes: Sequence[str],
    rng: np.random.Generator,
    level: int,
) -> None:
    primals = tree.unflatten(structure, values)
    out, back = vjp(f, *primals)
    for _ in range(DIRECTIONS):
        ts = [_direction(x, rng) for x in values]
        g = tree.map(lambda o: _direction(o, rng), out)
        expected, error = _numerical(f, values, structure, ts, g, rng)
        if "rev" in modes:
            _compare("reverse mode", level, ts, tree.leaves(back(g)), expected, error)
        if "fwd" in modes:
            _, tangent = jvp(f, primals, tree.unflatten(structure, ts))
            _compare("forward mode", level, tree.leaves(g), tree.leaves(tangent), expected, error)
    if level < order:
        _check(lambda *xs: vjp(f, *xs)[1](g), values, structure, order, modes, rng, level + 1)


def _direction(x: Any, rng: np.random.Generator) -> Any:
    return np.asarray(rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape), x.dtype)


def _numerical(
    f: Callable[..., Any],
    values: list[Any],
    structure: tree.Structure,
    ts: list[Any],
    g: Any,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """<g, J t> and its error, in float64."""
    wide = [np.asarray(x, float) for x in values]
    gs = tree.leaves(g)

    def at(xs: list[Any]) -> float:
        return _dot(gs, tree.leaves(f(*tree.unflatten(structure, xs))))[0]

    def along(h: float) -> float:
        return at([x + h * t for x, t in zip(wide, ts, strict=True)])

    here, noise = at(wide), 0.0
    for i, x in enumerate(wide):  # what rounding a leaf does to f: its neighbours, up or down at random
        nearby = [np.nextafter(x, rng.choice([-np.inf, np.inf], x.shape)) for _ in range(2)]
        noise += max(abs(at([*wide[:i], y, *wide[i + 1 :]]) - here) for y in nearby)
    return directional_derivative(along, noise=noise)


def _dot(xs: Sequence[Any], ys: Sequence[Any]) -> tuple[float, float]:
    """<x, y>, and the sum of the absolute products, to which its rounding is proportional."""
    products = [np.multiply(x, y, dtype=float) for x, y in zip(xs, ys, strict=True)]
    return sum(float(np.sum(p)) for p in products), sum(float(np.sum(np.abs(p))) for p in products)


def _compare(mode: str, level: int, xs: list[Any], ys: list[Any], expected: float, error: float) -> None:
    found, size = _dot(xs, ys)
    epsilon = max((float(np.finfo(y.dtype).eps) for y in ys), default=0.0)
    tolerance = 4 * error + 64 * epsilon * size
    if not abs(found - expected) <= tolerance:
        raise GradientError(
            f"check_grads: {mode}, order {level}: the directional derivative is {found:.12g}, expected {expected:.12g} "
            f"within {tolerance:.1e}. Look at the newest rule, or for a kink of the function there."
        )
