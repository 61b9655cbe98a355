"""Random programs: 3 to 30 operations, each on values made before it, with shapes that NumPy accepts.

All are continuous: elsewhere a compiled program may jump where its original does not, since its rounding is another.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_scratch as tg

Operation = Callable[..., Any]


def _bounded(x: Any) -> Any:
    """Keeps values near 1, so that rounding errors do not grow."""
    return x / (1 + np.abs(x))


ONE: list[Operation] = [
    np.sin, np.cos, np.tanh, np.negative, np.abs, np.square, np.exp2, np.arctan, np.positive,
    tg.stop_gradient, _bounded, tg.nn.relu, tg.nn.sigmoid,
    lambda x: np.log1p(np.abs(x)), lambda x: np.sqrt(1 + x * x), lambda x: np.exp(-np.abs(x)), lambda x: x**3,
    lambda x: np.clip(x, -0.5, 0.5), lambda x: np.where(x > 0, x, -0.5 * x), lambda x: 1 / (2 + np.cos(x)),
    lambda x: x * 0.25 - 1, lambda x: 2 - x, lambda x: x * np.float32(0.5), lambda x: np.expm1(-np.abs(x)),
    lambda x: x + np.arange(x.shape[-1]) if x.ndim else x, lambda x: np.maximum(x, 0.3),
]  # fmt: skip
TWO: list[Operation] = [
    np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.hypot, np.arctan2, np.logaddexp,
    lambda x, y: x / (1.5 + np.cos(y)), lambda x, y: np.where(x > y, 2 * x - y, x), lambda x, y: x * y - y,
]  # fmt: skip
SHAPES: list[Operation] = [
    lambda x: x.T, lambda x: x.reshape(-1), lambda x: x[None], lambda x: x[..., ::-1], lambda x: np.flip(x, 0),
    lambda x: x[1:], lambda x: x[:, ::2], lambda x: np.concatenate([x, 2 * x], axis=-1), lambda x: np.stack([x, -x]),
    lambda x: np.pad(x, 1), lambda x: np.roll(x, 1, 0), lambda x: x[0], lambda x: x[np.array([0, -1, 0])],
    lambda x: np.broadcast_to(x, (2, *x.shape)), lambda x: np.swapaxes(x, 0, 1), lambda x: x.reshape(2, -1),
    lambda x: x[:, np.array([0, 0])], lambda x: np.squeeze(x),
]  # fmt: skip
REDUCE: list[Operation] = [
    lambda x: x.sum(0), lambda x: x.sum(-1, keepdims=True), lambda x: x.max(-1), lambda x: x.min(0, keepdims=True),
    lambda x: x.mean((0, 1)), lambda x: np.sum(x), lambda x: np.cumsum(x, 0), lambda x: np.prod(_bounded(x), axis=-1),
    lambda x: tg.scipy.special.logsumexp(x, axis=-1), lambda x: x - x.max(-1, keepdims=True), lambda x: x.var(0),
]  # fmt: skip
PRODUCTS: list[Operation] = [
    lambda x: x @ x.T, lambda x: x.T @ x, lambda x: x @ np.ones((x.shape[-1], 3)), lambda x: np.einsum("ij->ji", x),
    lambda x: np.ones(x.shape[-2]) @ x, lambda x: np.einsum("...i,...i", x, x),
]  # fmt: skip
GROUPS = [ONE, ONE, TWO, TWO, SHAPES, REDUCE, PRODUCTS]
MANY = 400  # elements that a value may have


def program(seed: int) -> tuple[Operation, list[Any]]:
    """A function of a few arrays and numbers, and arguments for it."""
    rng = np.random.default_rng(seed)
    dtype = [np.float64, np.float64, np.float32][rng.integers(3)]
    shapes = [(3, 4), (4,), (3, 1), (), (2, 3, 4), (3, 4), (17, 5)]
    args: list[Any] = [
        rng.normal(size=shapes[rng.integers(len(shapes))]).astype(dtype) for _ in range(rng.integers(1, 4))
    ]
    if rng.integers(2):
        args.append([0.7, -2, True][rng.integers(3)])
    steps: list[tuple[Operation, tuple[int, ...]]] = []
    values = list(args)
    with np.errstate(all="ignore"):
        while len(steps) < (length := 3 + seed % 28):
            group = GROUPS[rng.integers(len(GROUPS))]
            operation = group[rng.integers(len(group))]
            recent = [int(i) for i in len(values) - 1 - np.minimum(rng.geometric(0.4, 2) - 1, len(values) - 1)]
            places = tuple(recent[: 2 if group is TWO else 1])
            if group not in (ONE, TWO) and np.ndim(values[places[0]]) == 0:
                continue  # numbers of NumPy's have axes where it suits them
            try:
                made = operation(*[values[i] for i in places])
            except (ValueError, IndexError, TypeError, AttributeError, tg.errors.TinygradError):
                continue
            made_array = np.asarray(made)
            if made_array.dtype.kind != "f" or not 0 < made_array.size <= MANY or not np.all(np.abs(made_array) < 1e3):
                continue
            steps.append((operation, places))
            values.append(made)
    shown = sorted({len(values) - 1, *(int(i) for i in rng.integers(len(values), size=rng.integers(3)))})

    def f(*xs: Any) -> Any:
        made = list(xs)
        for operation, places in steps:
            made.append(operation(*[made[i] for i in places]))
        return {f"v{i}": made[i] for i in shown}

    assert length == len(steps)
    return f, args
