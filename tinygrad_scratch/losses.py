"""Losses: one value an example. The caller reduces, usually by np.mean. Shapes are checked, never broadcast.

>>> import numpy as np, tinygrad_scratch as tg
>>> tg.losses.squared_error(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, 0.0], [3.0, 4.0]]))
array([2. , 0.5])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .core.errors import ArgumentError, DtypeError, ShapeError, user_line
from .core.trace import Traced
from .ops.reduce import logsumexp
from .scipy.special import log_softmax


def squared_error(predictions: Any, targets: Any) -> Any:
    """Mean squared error of each example: mean((p - y)**2) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return _over_rest(np.mean, np.square(_difference("squared_error", predictions, targets)))


def sum_of_squares(predictions: Any, targets: Any) -> Any:
    """Sum of squares of each example: sum((p - y)**2) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return _over_rest(np.sum, np.square(_difference("sum_of_squares", predictions, targets)))


def absolute_error(predictions: Any, targets: Any) -> Any:
    """Mean absolute error of each example: mean(|p - y|) over all axes but the first. (n, ...), (n, ...) -> (n,)."""
    return _over_rest(np.mean, np.abs(_difference("absolute_error", predictions, targets)))


def binary_cross_entropy(logits: Any, labels: Any) -> Any:
    """-y log(s) - (1 - y) log(1 - s) with s = expit(logits), meaned over all axes but the first; labels in [0, 1].

    Computed as log(1 + exp(z)) - y z, which neither overflows nor takes a logarithm of zero.

    >>> import numpy as np
    >>> binary_cross_entropy(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
    array([0.69314718, 0.        ])
    """
    logits, labels = _arrays(logits, labels)
    _same_shape("binary_cross_entropy", logits, labels)
    labels = _as_floats(labels, logits)
    known = _bare(labels)
    if known.size and not (known.min() >= 0 and known.max() <= 1):
        found = f"{known.min()} to {known.max()}"
        raise ArgumentError(f"binary_cross_entropy: labels must lie in [0, 1], got {found}{user_line()}")
    return _over_rest(np.mean, np.logaddexp(0, logits) - labels * logits)


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """-log softmax(logits)[label]. logits (n, classes); labels integers (n,), or probabilities (n, classes) -> (n,).

    Raises ShapeError if they do not fit, ArgumentError for an integer label out of range.

    >>> import numpy as np
    >>> softmax_cross_entropy(np.log(np.array([[1.0, 3.0]])), np.array([1])).round(4)
    array([0.2877])
    """
    logits, labels = _arrays(logits, labels)
    if labels.ndim == logits.ndim > 0:
        _same_shape("softmax_cross_entropy", logits, labels)
        labels = _as_floats(labels, logits)
        logs = log_softmax(logits, axis=-1)
        masked = np.logical_and(np.equal(labels, 0), np.isinf(logs))  # 0 log(0) is 0
        return -np.sum(labels * np.where(masked, 0, logs), axis=-1)
    wanted = class_labels("softmax_cross_entropy", logits, labels)
    hit = np.take_along_axis(logits, wanted[..., None], axis=-1)[..., 0]
    return logsumexp(logits, axis=-1) - hit


def class_labels(what: str, logits: Any, labels: Any) -> Any:
    """Integer labels for `logits` (..., classes) from integers (...) or one-hot rows (..., classes), checked."""
    logits, labels = _arrays(logits, labels)
    if logits.ndim < 1:
        raise ShapeError(f"{what}: logits need an axis of classes, got shape ()")
    if labels.ndim == logits.ndim:  # one-hot
        _same_shape(what, logits, labels)
        return np.argmax(labels, axis=-1)
    classes = logits.shape[-1]
    if labels.shape != logits.shape[:-1]:
        raise ShapeError(
            f"{what}: labels have shape {labels.shape}, expected {logits.shape[:-1]} (integers) or {logits.shape} "
            f"(one-hot) for logits of shape {logits.shape}{user_line()}"
        )
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"{what}: labels without an axis of classes must be integers, got {labels.dtype}{user_line()}")
    known = _bare(labels)
    if known.size and known.astype(np.uint64).max() >= classes:  # a negative label becomes a huge one
        wrong = known[(known < 0) | (known >= classes)]
        raise ArgumentError(f"{what}: label {wrong.flat[0]} is out of range, expected 0 to {classes - 1}{user_line()}")
    return labels


def _difference(what: str, predictions: Any, targets: Any) -> Any:
    predictions, targets = _arrays(predictions, targets)
    _same_shape(what, predictions, targets)
    if predictions.dtype.kind != "f":  # small integers would wrap around
        predictions = predictions.astype(float)
    return predictions - _as_floats(targets, predictions)


def _arrays(*xs: Any) -> list[Any]:
    """Lists and numbers as arrays."""
    return [x if hasattr(x, "dtype") else np.asarray(x) for x in xs]


def _bare(x: Any) -> Any:
    """The plain array in a Tensor, of the whole batch under vmap: for checks, never to compute with."""
    while isinstance(x, Traced):
        x = x.value
    return x


def _same_shape(what: str, predictions: Any, targets: Any) -> None:
    if predictions.shape != targets.shape:
        raise ShapeError(
            f"{what}: predictions have shape {predictions.shape} and targets {targets.shape}; "
            f"they must be the same, nothing is broadcast{user_line()}"
        )


def _as_floats(labels: Any, logits: Any) -> Any:
    """Integers or booleans in the dtype of the logits, so that float32 stays float32."""
    return labels if labels.dtype.kind == "f" else labels.astype(logits.dtype)


def _over_rest(reduce: Any, x: Any) -> Any:
    return reduce(x, axis=tuple(range(1, np.ndim(x)))) if np.ndim(x) > 1 else x
