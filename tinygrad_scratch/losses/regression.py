"""Losses of numbers and vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..transforms.grad import stop_gradient
from .arguments import demand_number, over_rest, pair, vectors


def squared_error(predictions: Any, targets: Any) -> Any:
    """Mean squared error of each example: mean((p - y)**2) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return over_rest(np.mean, np.square(_difference("squared_error", predictions, targets)))


def sum_of_squares(predictions: Any, targets: Any) -> Any:
    """Sum of squares of each example: sum((p - y)**2) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return over_rest(np.sum, np.square(_difference("sum_of_squares", predictions, targets)))


def absolute_error(predictions: Any, targets: Any) -> Any:
    """Mean absolute error of each example: mean(|p - y|) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return over_rest(np.mean, np.abs(_difference("absolute_error", predictions, targets)))


def huber(predictions: Any, targets: Any, delta: Any = 1.0) -> Any:
    """Mean of d**2 / 2 where |d| <= delta, else delta (|d| - delta / 2), with d = p - y. (n, ...), (n, ...) -> (n,).

    A parabola that goes on as its tangents, so that outliers pull with a force of at most `delta`. Raises ArgumentError
    unless delta > 0. Source: Huber, Annals of Mathematical Statistics 35 (1964).

    >>> import numpy as np
    >>> huber(np.array([0.5, -3.0]), np.zeros(2))
    array([0.125, 2.5  ])
    """
    demand_number("huber", "delta", delta, lambda known: known > 0, "be positive")
    d = _difference("huber", predictions, targets)
    near = np.clip(d, -delta, delta)
    return over_rest(np.mean, near * (d - near / 2))


def log_cosh(predictions: Any, targets: Any) -> Any:
    """Mean of log(cosh(p - y)): about d**2 / 2 near zero and |d| - log(2) far off. (n, ...), (n, ...) -> (n,)."""
    d = _difference("log_cosh", predictions, targets)
    return over_rest(np.mean, np.logaddexp(d, -d) - math.log(2))


def quantile(predictions: Any, targets: Any, q: Any) -> Any:
    """Pinball loss: mean of q d where d = y - p >= 0, else (q - 1) d. (n, ...), (n, ...) -> (n,).

    Its minimum is at the quantile `q` of the targets: at the median for 0.5, where it is half of the absolute error.
    The derivative at d = 0 is 1/2 - q. Raises ArgumentError unless 0 < q < 1. Source: Koenker and Bassett,
    Econometrica 46 (1978).

    >>> import numpy as np
    >>> quantile(np.array([1.0, 1.0]), np.array([2.0, 0.0]), q=0.9)
    array([0.9, 0.1])
    """
    demand_number("quantile", "q", q, lambda known: (known > 0) & (known < 1), "lie between 0 and 1")
    d = -_difference("quantile", predictions, targets)
    return over_rest(np.mean, np.maximum(q * d, (q - 1) * d))


def cosine_distance(predictions: Any, targets: Any) -> Any:
    """1 - <p, y> / (|p| |y|) along the last axis: 0 for one direction, 2 for opposite ones. (..., m) twice -> (...).

    A vector of zeros has the distance 1 from all others. Raises ShapeError where the vectors have no entries.

    >>> import numpy as np
    >>> cosine_distance(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 3.0], [2.0, 2.0]])).round(12)
    array([1., 0.])
    """
    predictions, targets = pair("cosine_distance", predictions, targets)
    vectors("cosine_distance", predictions)
    return 1 - np.sum(_unit(predictions) * _unit(targets), axis=-1)


def _unit(x: Any) -> Any:
    """Vectors of length one. The quotient does not depend on `size`, which keeps the squares from overflowing."""
    size = stop_gradient(np.max(np.abs(x), axis=-1, keepdims=True))
    x = x / np.where(np.equal(size, 0), 1, size)
    square = np.sum(np.square(x), axis=-1, keepdims=True)
    return x / np.sqrt(np.where(np.equal(square, 0), 1, square))


def _difference(what: str, predictions: Any, targets: Any) -> Any:
    predictions, targets = pair(what, predictions, targets)
    return predictions - targets
