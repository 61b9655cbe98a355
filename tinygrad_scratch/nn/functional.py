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
from ..scipy.special import log_softmax, logsumexp, softmax

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
]


def relu(x: Any) -> Any:
    """max(x, 0); the derivative at 0 is 0."""
    return bind(_relu, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow."""
    return bind(expit, x)


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
    if x.ndim < 1 or w.ndim != 2 or x.shape[-1] != w.shape[0]:
        raise ShapeError(
            f"dense: input of shape {x.shape} does not fit weights of shape {w.shape}; "
            f"the last axis of the input must have length {w.shape[0] if w.ndim else '?'}{user_line()}"
        )
    if b is not None and b.shape != w.shape[1:]:
        raise ShapeError(
            f"dense: bias of shape {b.shape} does not fit weights of shape {w.shape}, "
            f"expected {w.shape[1:]}{user_line()}"
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
    return x * (kept.astype(x.dtype) / x.dtype.type(1 - rate))


def flatten(x: Any) -> Any:
    """All axes but the first as one: (n, ...) -> (n, m)."""
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))


def conv(
    x: Any, w: Any, stride: Sequence[int] | None = None, padding: Any = 0, dilation: Sequence[int] | None = None
) -> Any:
    """Convolution as in networks (a correlation): x (n, *space, in), w (*window, in, out) -> (n, *places, out).

    y[n, p, o] = sum over k, c of x[n, p * stride + k * dilation - padding, c] * w[k, c, o]. `padding`: zeros added to
    both ends of each axis of space, one number or one an axis. Any number of axes. Raises ShapeError.

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
    x = _padded(x, padding, n)
    seen = windows(x, size, stride, dilation)
    return np.tensordot(seen, w, n + 1)


def max_pool(x: Any, size: Sequence[int], stride: Sequence[int] | None = None) -> Any:
    """The largest element of each window, by default side by side: (n, *space, channels) -> (n, *places, channels)."""
    return _pool(np.max, x, size, stride)


def average_pool(x: Any, size: Sequence[int], stride: Sequence[int] | None = None) -> Any:
    """The mean of each window, by default side by side: (n, *space, channels) -> (n, *places, channels)."""
    return _pool(np.mean, x, size, stride)


def _pool(reduce: Any, x: Any, size: Sequence[int], stride: Sequence[int] | None) -> Any:
    n = len(size)
    if x.ndim != n + 2:
        raise ShapeError(f"pool: input of shape {x.shape}, expected (batch, {n} axes of space, channels){user_line()}")
    seen = windows(x, tuple(size), tuple(size) if stride is None else tuple(stride))
    return reduce(seen, axis=tuple(range(1 + n, 1 + 2 * n)))


def _padded(x: Any, padding: Any, n: int) -> Any:
    amounts = (padding,) * n if isinstance(padding, int) else tuple(padding)
    if len(amounts) != n:
        raise ShapeError(f"conv: padding={padding} must be one number or {n}, one an axis of space")
    return np.pad(x, ((0, 0), *[(p, p) for p in amounts], (0, 0))) if any(amounts) else x
