"""The formulas of networks as plain functions of arrays. Batches come first, channels last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.trace import bind
from ..ops.compare import relu as _relu
from ..ops.special import expit
from ..ops.window import windows
from ..random import bernoulli
from ..scipy import special
from ..scipy.special import logsumexp

__all__ = [
    "average_pool",
    "conv",
    "dense",
    "dropout",
    "flatten",
    "log_softmax",
    "logsumexp",
    "max_pool",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
    "windows",
]


def relu(x: Any) -> Any:
    """max(x, 0); the derivative at 0 is 0."""
    return bind(_relu, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow."""
    return bind(expit, x)


def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along `axis`, by default the last, without overflow."""
    return special.softmax(x, axis)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x - log(sum(exp(x))) along `axis`, by default the last: the logarithm of `softmax`."""
    return special.log_softmax(x, axis)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return np.tanh(x)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(x, 0)


def dense(x: Any, w: Any, b: Any = None) -> Any:
    """x @ w + b. x (..., in), w (in, out), b (out,) or None -> (..., out). Raises ShapeError.

    >>> import numpy as np
    >>> dense(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    array([[11.5]])
    """
    x = np.asarray(x) if isinstance(x, (list, tuple, float, int)) else x
    shape, weights = x.shape, w.shape
    if not shape or len(weights) != 2 or shape[-1] != weights[0]:
        raise ShapeError(
            f"dense: input of shape {shape} does not fit weights of shape {weights}; "
            f"the last axis of the input must have length {weights[0] if weights else '?'}{user_line()}"
        )
    if b is not None and b.shape != weights[1:]:
        raise ShapeError(
            f"dense: bias of shape {b.shape} does not fit weights of shape {weights}, "
            f"expected {weights[1:]}{user_line()}"
        )
    y = x @ w
    return y if b is None else y + b


def dropout(x: Any, key: Any, rate: float) -> Any:
    """Each element is zero with probability `rate`, else divided by 1 - rate (Srivastava et al., JMLR 15, 2014)."""
    if not 0 <= rate < 1:
        raise ArgumentError(f"dropout: rate is the fraction dropped, 0 <= rate < 1, got {rate}")
    if rate == 0:
        return x
    kept = bernoulli(key, 1 - rate, x.shape)
    return x * kept / (1 - rate)


def flatten(x: Any) -> Any:
    """All axes but the first as one: (n, ...) -> (n, m)."""
    if x.ndim < 1:
        raise ShapeError(f"flatten: the input needs a batch axis, got shape (){user_line()}")
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))


PerAxis = int | Sequence[int]


def conv(x: Any, w: Any, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1) -> Any:
    """Convolution as in networks (a correlation): x (n, *space, in), w (*window, in, out) -> (n, *places, out).

    y[n, p, o] = sum over k, c of x[n, p * stride + k * dilation - padding, c] * w[k, c, o]. `padding`: zeros added to
    both ends of an axis of space. Each option is one number or one an axis; any number of axes. Raises ShapeError.

    >>> import numpy as np
    >>> x, w = np.arange(4.0).reshape(1, 4, 1), np.array([1.0, 10.0]).reshape(2, 1, 1)
    >>> conv(x, w)[0, :, 0]
    array([10., 21., 32.])
    """
    size, channels = w.shape[:-2], w.shape[-2:-1]
    n = len(size)
    if not channels:
        raise ShapeError(f"conv: weights of shape {w.shape}, expected (*window, in, out){user_line()}")
    if x.ndim != n + 2 or x.shape[-1:] != channels:
        raise ShapeError(
            f"conv: input of shape {x.shape} does not fit weights of shape {w.shape}; expected (batch, {n} axes, "
            f"{channels[0]} channels){user_line()}"
        )
    around = _per_axis("conv: padding", padding, n)
    if min(around, default=0) < 0:
        raise ShapeError(f"conv: padding={padding} must not be negative{user_line()}")
    x = np.pad(x, ((0, 0), *[(p, p) for p in around], (0, 0))) if any(around) else x
    seen = windows(x, size, _per_axis("conv: stride", stride, n), _per_axis("conv: dilation", dilation, n))
    return np.tensordot(seen, w, n + 1)


def max_pool(x: Any, size: PerAxis, stride: PerAxis | None = None) -> Any:
    """The largest element of each window, by default side by side: (n, *space, channels) -> (n, *places, channels)."""
    return _pool(np.max, x, size, stride)


def average_pool(x: Any, size: PerAxis, stride: PerAxis | None = None) -> Any:
    """The mean of each window, by default side by side: (n, *space, channels) -> (n, *places, channels)."""
    return _pool(np.mean, x, size, stride)


def _pool(reduce: Any, x: Any, size: PerAxis, stride: PerAxis | None) -> Any:
    n = x.ndim - 2
    if n < 1:
        raise ShapeError(f"pool: input of shape {x.shape}, expected (batch, *space, channels){user_line()}")
    size = _per_axis("pool: size", size, n)
    seen = windows(x, size, size if stride is None else _per_axis("pool: stride", stride, n))
    return reduce(seen, axis=tuple(range(1 + n, 1 + 2 * n)))


def _per_axis(what: str, value: PerAxis, n: int) -> tuple[int, ...]:
    """One number for all axes of space, or one an axis, as a tuple of n ints."""
    many = (value,) * n if isinstance(value, (int, np.integer)) else tuple(value)
    if len(many) != n or not all(isinstance(v, (int, np.integer)) for v in many):
        raise ShapeError(f"{what}={value!r} must be one integer, or {n} of them, one an axis of space{user_line()}")
    return tuple([int(v) for v in many])
