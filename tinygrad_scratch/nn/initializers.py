"""Initial weights: `init(key, shape, dtype) -> array`. Weights are (..., in, out); (*window, in, out) in convolutions.

A layer takes any such function as `init`; `scaled` and `normal` make new ones.

>>> import numpy as np, tinygrad_scratch as tg
>>> w = tg.nn.orthogonal(tg.random.key(0), (4, 3), float)
>>> np.allclose(w.T @ w, np.eye(3))
True
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import random
from ..core.errors import ArgumentError, ShapeError
from .layer import Shape

__all__ = [
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "scaled",
    "truncated_normal",
    "zeros",
]

Initializer = Callable[[Any, Shape, Any], Any]


def glorot_uniform(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio, AISTATS 2010)."""
    return _uniform(key, shape, dtype, 2 / sum(_fans(shape)))


def glorot_normal(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Normal with variance 2 / (in + out) (Glorot and Bengio, AISTATS 2010)."""
    return _normal(key, shape, dtype, 2 / sum(_fans(shape)))


def he_uniform(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Uniform with variance 2 / in, for relu (He et al., ICCV 2015)."""
    return _uniform(key, shape, dtype, 2 / _fans(shape)[0])


def he_normal(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Normal with variance 2 / in, for relu (He et al., ICCV 2015)."""
    return _normal(key, shape, dtype, 2 / _fans(shape)[0])


def lecun_uniform(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Uniform with variance 1 / in (LeCun et al., Efficient BackProp, 1998)."""
    return _uniform(key, shape, dtype, 1 / _fans(shape)[0])


def lecun_normal(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Normal with variance 1 / in (LeCun et al., Efficient BackProp, 1998)."""
    return _normal(key, shape, dtype, 1 / _fans(shape)[0])


def orthogonal(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Columns (or rows, if there are fewer) of length 1, orthogonal to each other (Saxe et al., ICLR 2014)."""
    _fans(shape)
    rows, columns = math.prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.normal(key, (max(rows, columns), min(rows, columns)), float))
    q = q * np.sign(np.diagonal(r))  # or the draw would not be uniform
    return np.asarray(q if rows >= columns else q.T).reshape(shape).astype(dtype)


def zeros(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Zeros."""
    return np.zeros(shape, dtype)


def ones(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Ones."""
    return np.ones(shape, dtype)


def normal(deviation: float = 1.0) -> Initializer:
    """Normal with that standard deviation, whatever the shape."""
    return _called(f"normal({deviation})", lambda key, shape, dtype: _normal(key, shape, dtype, deviation**2))


def truncated_normal(deviation: float = 1.0) -> Initializer:
    """Normal with that standard deviation, drawn again where it lies beyond two of them."""

    def init(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
        return random.truncated_normal(key, shape, dtype, -2, 2) * deviation

    return _called(f"truncated_normal({deviation})", init)


def scaled(init: Initializer, factor: float) -> Initializer:
    """`factor` times what another initializer gives."""
    name = getattr(init, "__name__", "init")
    return _called(f"scaled({name}, {factor})", lambda key, shape, dtype: init(key, shape, dtype) * factor)


def _called(name: str, init: Initializer) -> Initializer:
    """The initializer under the name of the call that made it, for the names of layers."""
    init.__name__ = name
    return init


def _uniform(key: Any, shape: Shape, dtype: Any, variance: float) -> Any:
    limit = math.sqrt(3 * variance)
    return random.uniform(key, shape, dtype, -limit, limit)


def _normal(key: Any, shape: Shape, dtype: Any, variance: float) -> Any:
    return random.normal(key, shape, dtype) * math.sqrt(variance)


def _fans(shape: Shape) -> tuple[int, int]:
    """How many numbers go into one output, and out of one input."""
    if len(shape) < 2:
        raise ShapeError(f"initializer: weights of shape {shape}, expected (..., in, out)")
    window = math.prod(shape[:-2])
    return max(1, window * shape[-2]), max(1, window * shape[-1])


def check_positive(what: str, name: str, value: Any) -> None:
    """Raise ArgumentError unless `value` is an integer from 1 up."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ArgumentError(f"{what}: {name} must be an integer, 1 or more, got {value!r}")


def check_affine(what: str, bias: Any, init: Any) -> None:
    """Raise ArgumentError unless `bias` is True or False and `init` a function: an activation is a part of its own."""
    if not isinstance(bias, (bool, np.bool_)):
        said = getattr(bias, "__name__", repr(bias))
        raise ArgumentError(
            f"{what}: bias={said}, expected True or False; an activation is the next part: serial({what}(...), relu)"
        )
    if not callable(init):
        raise ArgumentError(f"{what}: init={init!r}, expected a function such as tg.nn.he_normal")


def affine(key: Any, shape: Shape, bias: bool, init: Initializer, dtype: Any) -> dict[str, Any]:
    """{"b": (out,) zeros, "w": weights of that shape}, or without "b"."""
    w = init(key, shape, dtype)
    return {"b": np.zeros(shape[-1], dtype), "w": w} if bias else {"w": w}
