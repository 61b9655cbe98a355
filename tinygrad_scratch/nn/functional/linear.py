"""Products with weights, rows of a table, dropped elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.errors import ArgumentError, DtypeError, ShapeError, user_line
from ...ops.index import from_front
from ...random import bernoulli


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
    if b is None:
        return x @ w
    if b.shape != weights[1:]:
        raise bias_error("dense", b, w)
    return x @ w + b


def bias_error(what: str, b: Any, w: Any) -> ShapeError:
    """The error for a bias that does not have one entry an output."""
    return ShapeError(
        f"{what}: bias of shape {b.shape} does not fit weights of shape {w.shape}, expected {w.shape[-1:]}{user_line()}"
    )


def embedding(x: Any, table: Any) -> Any:
    """table[x]: a row for each integer. x (...), table (rows, width) -> (..., width). Raises DtypeError, ArgumentError.

    >>> import numpy as np
    >>> embedding(np.array([1, 0]), np.array([[0.0, 1.0], [2.0, 3.0]]))
    array([[2., 3.],
           [0., 1.]])
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind not in "iu":
        raise DtypeError(f"embedding: the input must be integers, the rows of the table, got {x.dtype}{user_line()}")
    rows = table.shape[0]
    if isinstance(x, np.ndarray) and x.size and not 0 <= int(x.min()) <= int(x.max()) < rows:
        wrong = x[(x < 0) | (x >= rows)].flat[0]
        raise ArgumentError(f"embedding: {wrong} is out of range, the table has rows 0 to {rows - 1}{user_line()}")
    return np.take(table, from_front(x, rows), axis=0)


def dropout(x: Any, key: Any, rate: float) -> Any:
    """Each element is zero with probability `rate`, else divided by 1 - rate (Srivastava et al., JMLR 15, 2014)."""
    check_rate(rate)
    return x if rate == 0 else x * bernoulli(key, 1 - rate, x.shape) / (1 - rate)


def check_rate(rate: float) -> None:
    """Raise ArgumentError unless `rate` is the fraction that dropout may drop."""
    if not 0 <= rate < 1:
        raise ArgumentError(f"dropout: rate is the fraction dropped, 0 <= rate < 1, got {rate}")


def flatten(x: Any) -> Any:
    """All axes but the first as one: (n, ...) -> (n, m)."""
    if x.ndim < 1:
        raise ShapeError(f"flatten: the input needs a batch axis, got shape (){user_line()}")
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))
