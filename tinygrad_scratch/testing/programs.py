"""Random programs: operations composed at random, each on values made before it, with shapes that NumPy accepts.

All are continuous, so that they may be compiled or differentiated; elsewhere another rounding would make them jump.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import TinygradError
from ..nn.functional import relu, sigmoid
from ..scipy.special import logsumexp
from ..transforms.grad import stop_gradient

Operations = Mapping[str, Callable[..., Any]]
MANY = 400  # elements that a value may have
TRIES = 200  # operations that may not fit before a program ends early


def bounded(x: Any) -> Any:
    """Keeps values near 1, so that rounding errors do not grow."""
    return x / (1 + np.abs(x))


ONE: Operations = {
    "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "negative": np.negative, "abs": np.abs, "square": np.square,
    "exp2": np.exp2, "arctan": np.arctan, "positive": np.positive, "bounded": bounded, "relu": relu, "sigmoid": sigmoid,
    "log1p_abs": lambda x: np.log1p(np.abs(x)), "sqrt_1_square": lambda x: np.sqrt(1 + x * x),
    "exp_minus_abs": lambda x: np.exp(-np.abs(x)), "cube": lambda x: x**3, "clip": lambda x: np.clip(x, -0.5, 0.5),
    "leaky": lambda x: np.where(x > 0, x, -0.5 * x), "over_2_cos": lambda x: 1 / (2 + np.cos(x)),
    "quarter_less_1": lambda x: x * 0.25 - 1, "2_less": lambda x: 2 - x,
    "expm1_minus_abs": lambda x: np.expm1(-np.abs(x)),
    "plus_arange": lambda x: x + np.arange(x.shape[-1]) if x.ndim else x, "maximum_0.3": lambda x: np.maximum(x, 0.3),
}  # fmt: skip
ROUGH: Operations = {"stop_gradient": stop_gradient, "half_float32": lambda x: x * np.float32(0.5)}
TWO: Operations = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum,
    "logaddexp": np.logaddexp, "over_cos": lambda x, y: x / (1.5 + np.cos(y)),
    "select": lambda x, y: np.where(x > y, 2 * x - y, x), "times_less": lambda x, y: x * y - y,
    "hypot_off_0": lambda x, y: np.hypot(x, 1.5 + np.cos(y)),
    "arctan2_off_0": lambda x, y: np.arctan2(x, 1.5 + np.cos(y)),
}  # fmt: skip
ROUGH_TWO: Operations = {"hypot": np.hypot, "arctan2": np.arctan2}  # without derivatives at 0
SHAPES: Operations = {
    "T": lambda x: x.T, "ravel": lambda x: x.reshape(-1), "new": lambda x: x[None], "reverse": lambda x: x[..., ::-1],
    "flip": lambda x: np.flip(x, 0), "tail": lambda x: x[1:], "every_second": lambda x: x[:, ::2],
    "join": lambda x: np.concatenate([x, 2 * x], axis=-1), "stack": lambda x: np.stack([x, -x]),
    "pad": lambda x: np.pad(x, 1), "roll": lambda x: np.roll(x, 1, 0), "first": lambda x: x[0],
    "pick": lambda x: x[np.array([0, -1, 0])], "repeat": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1), "halves": lambda x: x.reshape(2, -1),
    "pick_columns": lambda x: x[:, np.array([0, 0])], "squeeze": lambda x: np.squeeze(x),
}  # fmt: skip
REDUCE: Operations = {
    "sum_0": lambda x: x.sum(0), "sum_kept": lambda x: x.sum(-1, keepdims=True), "max": lambda x: x.max(-1),
    "min_kept": lambda x: x.min(0, keepdims=True), "mean": lambda x: x.mean((0, 1)), "sum": lambda x: np.sum(x),
    "cumsum": lambda x: np.cumsum(x, 0), "prod": lambda x: np.prod(bounded(x), axis=-1),
    "logsumexp": lambda x: logsumexp(x, axis=-1), "less_max": lambda x: x - x.max(-1, keepdims=True),
    "var": lambda x: x.var(0),
}  # fmt: skip
PRODUCTS: Operations = {
    "x_xT": lambda x: x @ x.T, "xT_x": lambda x: x.T @ x, "x_ones": lambda x: x @ np.ones((x.shape[-1], 3)),
    "einsum_T": lambda x: np.einsum("ij->ji", x), "ones_x": lambda x: np.ones(x.shape[-2]) @ x,
    "einsum_squares": lambda x: np.einsum("...i,...i", x, x),
}  # fmt: skip


class Step(NamedTuple):
    """`name(values[places[0]], ...)`, the next value."""

    name: str
    operation: Callable[..., Any]
    places: tuple[int, ...]


class Program(NamedTuple):
    """A function of `args`: what the `steps` make of them, of which it gives the values `shown` in a dict."""

    args: list[Any]
    steps: list[Step]
    shown: list[int]

    def __call__(self, *xs: Any) -> dict[str, Any]:
        values = list(xs)
        for _, operation, places in self.steps:
            values.append(operation(*[values[i] for i in places]))
        return {f"v{i}": values[i] for i in self.shown}

    def __repr__(self) -> str:
        lines = [f"v{i} = {a!r}" for i, a in enumerate(self.args)]
        for i, (name, _, places) in enumerate(self.steps, len(lines)):
            lines.append(f"v{i} = {name}({', '.join(f'v{j}' for j in places)})")
        return "\n".join([*lines, f"return {', '.join(f'v{i}' for i in self.shown)}"])


def program(choose: Callable[[int], int], length: int, smooth: bool = True) -> Program:
    """A program of `length` operations, or fewer where few fit, for its arguments.

    choose   `choose(n)` is a number from 0 to n - 1, which decides everything
    smooth   whether the derivatives of its operations are those of their values; else there are Python numbers too
    """
    groups: list[Operations] = [ONE, TWO, ONE, TWO, SHAPES, REDUCE, PRODUCTS]
    if not smooth:
        groups += [ROUGH, ROUGH_TWO]
    rng = np.random.default_rng(choose(2**32))
    dtype = [np.float64, np.float64, np.float32][choose(3)]
    shapes = [(3, 4), (4,), (3, 1), (), (2, 3, 4), (3, 4), (17, 5)]
    args: list[Any] = [rng.normal(size=shapes[choose(len(shapes))]).astype(dtype) for _ in range(1 + choose(3))]
    if not smooth and choose(2):
        args.append([0.7, -2, True][choose(3)])
    values = list(args)
    steps: list[Step] = []
    with np.errstate(all="ignore"):
        for _ in range(TRIES):
            if len(steps) == length:
                break
            group = groups[choose(len(groups))]
            name = list(group)[choose(len(group))]
            places = tuple(_recent(choose, len(values)) for _ in range(2 if group in (TWO, ROUGH_TWO) else 1))
            made = _applied(group[name], [values[i] for i in places], group in (ONE, TWO, ROUGH, ROUGH_TWO))
            if made is not None:
                steps.append(Step(name, group[name], places))
                values.append(made)
    shown = sorted({len(values) - 1, *(choose(len(values)) for _ in range(choose(3)))})
    return Program(args, steps, shown)


def _recent(choose: Callable[[int], int], n: int) -> int:
    """One of n values, of which the last are likelier."""
    back = 0
    while back < n - 1 and choose(5) > 1:
        back += 1
    return n - 1 - back


def _applied(operation: Callable[..., Any], xs: list[Any], elementwise: bool) -> Any:
    """The value, or None if the operation does not fit, or what it gives is too large or too many."""
    if not elementwise and np.ndim(xs[0]) == 0:
        return None  # numbers of NumPy's have axes where it suits them
    try:
        made = operation(*xs)
    except (ValueError, IndexError, TypeError, AttributeError, TinygradError):
        return None
    array = np.asarray(made)
    fits = array.dtype.kind == "f" and 0 < array.size <= MANY and bool(np.all(np.abs(array) < 1e3))
    return made if fits else None
