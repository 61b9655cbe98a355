"""Pooling: what is left of each window, or of all of space."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line
from ...ops.window import windows
from .spaces import Padding, PerAxis, around, padded, per_axis


def max_pool(x: Any, size: PerAxis, stride: PerAxis | None = None, padding: Padding = 0) -> Any:
    """The largest element of each window, by default side by side: (n, *space, channels) -> (n, *places, channels).

    `padding` as in `conv`; what is added is never the largest.

    >>> import numpy as np
    >>> max_pool(np.array([1.0, 5.0, 2.0, 4.0]).reshape(1, 4, 1), 2)[0, :, 0]
    array([5., 4.])
    """
    lowest = np.finfo(x.dtype).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return _pool(np.max, x, size, stride, padding, lowest)


def average_pool(x: Any, size: PerAxis, stride: PerAxis | None = None, padding: Padding = 0) -> Any:
    """The mean of each window, by default side by side: (n, *space, channels) -> (n, *places, channels).

    `padding` as in `conv`; the mean is that of the elements of x in the window, without what is added.
    """
    sums = _pool(np.sum, x, size, stride, padding, 0)
    inside = np.ones((1, *x.shape[1:-1], 1), x.dtype)
    return sums / _pool(np.sum, inside, size, stride, padding, 0)


def _pool(
    reduce: Callable[..., Any], x: Any, size: PerAxis, stride: PerAxis | None, padding: Padding, outside: float
) -> Any:
    n = _axes_of_space("pool", x)
    window = per_axis("pool: size", size, n)
    steps = window if stride is None else per_axis("pool: stride", stride, n)
    pads = around("pool: padding", padding, x.shape[1:-1], window, steps, (1,) * n)
    if any(max(pair) >= k for pair, k in zip(pads, window, strict=True)):
        raise ShapeError(f"pool: padding={padding} leaves windows of size {window} without an element{user_line()}")
    x = padded(x, pads, outside)
    if window == steps and not any(m % k for m, k in zip(x.shape[1:-1], window, strict=True)):
        split = [part for m, k in zip(x.shape[1:-1], window, strict=True) for part in (m // k, k)]  # moves nothing
        return reduce(x.reshape(x.shape[0], *split, x.shape[-1]), axis=tuple(range(2, 2 + 2 * n, 2)))
    return reduce(windows(x, window, steps), axis=tuple(range(1 + n, 1 + 2 * n)))


def global_max_pool(x: Any) -> Any:
    """The largest element of each channel: (n, *space, channels) -> (n, channels)."""
    return np.max(x, axis=tuple(range(1, 1 + _axes_of_space("global_max_pool", x))))


def global_average_pool(x: Any) -> Any:
    """The mean of each channel: (n, *space, channels) -> (n, channels)."""
    return np.mean(x, axis=tuple(range(1, 1 + _axes_of_space("global_average_pool", x))))


def _axes_of_space(what: str, x: Any) -> int:
    if len(x.shape) < 3:
        raise ShapeError(f"{what}: input of shape {x.shape}, expected (batch, *space, channels){user_line()}")
    return len(x.shape) - 2
