"""Measures of predictions that are read by people: arrays in, numbers out. The accuracies work inside `jit` as well.

Those of scores and of numbers take (predictions, targets), as losses do. Those that count classes take
(labels, predictions), both integers, as the rows and columns of the confusion matrix that they are computed from.
No examples, no measure: an empty array is an ArgumentError.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .core.errors import ArgumentError, DtypeError, ShapeError, user_line
from .core.trace import Traced
from .losses.arguments import class_labels, demand, demand_number, pair, same_shape


def accuracy(logits: Any, labels: Any) -> float:
    """The share of rows whose largest entry is at the label. logits (n, classes); labels integers (n,) or one-hot.

    A row with NaN in it is wrong.

    >>> import numpy as np
    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0]))
    0.5
    """
    wanted = _wanted("accuracy", logits, labels)
    known = np.logical_not(np.isnan(np.max(logits, axis=-1)))
    return _share(np.logical_and(np.equal(np.argmax(logits, axis=-1), wanted), known))


def top_k_accuracy(logits: Any, labels: Any, k: int) -> float:
    """The share of rows whose label is among the `k` largest entries; among equal ones the first comes first.

    logits (n, classes); labels integers (n,) or one-hot. Raises ArgumentError unless 1 <= k <= classes.

    >>> import numpy as np
    >>> top_k_accuracy(np.array([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0]]), np.array([1, 2]), k=2)
    0.5
    """
    wanted = _wanted("top_k_accuracy", logits, labels)
    classes = np.shape(logits)[-1]
    if not isinstance(k, (int, np.integer)) or not 1 <= k <= classes:
        raise ArgumentError(f"top_k_accuracy: k must be an integer from 1 to {classes}, got {k!r}{user_line()}")
    best = np.argsort(-np.asarray(logits, float), axis=-1, kind="stable")[..., :k]
    return float(np.mean(np.any(best == wanted[..., None], axis=-1)))


def binary_accuracy(probabilities: Any, labels: Any, threshold: float = 0.5) -> float:
    """The share of probabilities on the right side of `threshold`: above it where the label is 1. Both of one shape.

    >>> import numpy as np
    >>> binary_accuracy(np.array([0.9, 0.4, 0.5]), np.array([1, 1, 0]))
    0.6666666666666666
    """
    probabilities, labels = _examples("binary_accuracy", probabilities, labels)
    demand("binary_accuracy", "labels", labels, lambda known: (known == 0) | (known == 1), "be 0 or 1")
    return _share(np.equal(np.greater(probabilities, threshold), labels))


def accuracy_within(predictions: Any, targets: Any, tolerance: float) -> float:
    """The share of predictions with |p - y| < tolerance. Both of one shape.

    >>> import numpy as np
    >>> accuracy_within(np.array([1.0, 2.0]), np.array([1.01, 2.5]), tolerance=0.1)
    0.5
    """
    predictions, targets = _examples("accuracy_within", predictions, targets)
    demand_number("accuracy_within", "tolerance", tolerance, lambda known: known > 0, "be positive")
    return _share(np.less(np.abs(predictions - targets), tolerance))


def r2(predictions: Any, targets: Any) -> float:
    """1 - sum((y - p)**2) / sum((y - mean(y))**2), the share of the variance that is explained; (n,) or (n, ...).

    Of several outputs the mean of each one's. Where the targets are constant it is 1 if the predictions are right, else
    0. Raises ArgumentError for fewer than two examples.

    >>> import numpy as np
    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    predictions, targets = _examples("r2", predictions, targets)
    if np.ndim(targets) < 1 or len(targets) < 2:
        raise ArgumentError(f"r2: targets have shape {targets.shape}, expected two examples or more{user_line()}")
    left = np.sum(np.square(targets - predictions), axis=0, dtype=float)
    total = np.sum(np.square(targets - np.mean(targets, axis=0)), axis=0, dtype=float)
    explained = 1 - np.divide(left, total, out=np.asarray(left > 0, float), where=total > 0)
    return float(np.mean(explained))


def confusion_matrix(labels: Any, predictions: Any, classes: int | None = None) -> NDArray[np.int64]:
    """How often each class (row) was taken for each (column): integers (n,), (n,) -> (classes, classes).

    Without `classes` there are as many as the largest number says. Raises ArgumentError for one out of range.

    >>> confusion_matrix([0, 0, 1], [0, 1, 1])
    array([[1, 1],
           [0, 1]])
    """
    return _confusion("confusion_matrix", labels, predictions, classes)


def precision(labels: Any, predictions: Any, average: str | None = None, classes: int | None = None) -> Any:
    """Of what was taken for a class, the share that was: one number a class, or one number by `average`.

    None: an array (classes,). "macro": the mean over the classes that occur. "weighted": the mean over the examples,
    each with the number of its class. "micro": of all decisions together. A class that was never predicted has the
    precision 0.

    >>> precision([0, 0, 1], [0, 1, 1])
    array([1. , 0.5])
    >>> precision([0, 0, 1], [0, 1, 1], average="macro")
    0.75
    """
    counts = _confusion("precision", labels, predictions, classes)
    return _averaged("precision", counts, np.diagonal(counts), counts.sum(axis=0), average)


def recall(labels: Any, predictions: Any, average: str | None = None, classes: int | None = None) -> Any:
    """Of a class, the share that was taken for it; `average` as in `precision`. A class that has no examples has 0.

    >>> recall([0, 0, 1], [0, 1, 1])
    array([0.5, 1. ])
    """
    counts = _confusion("recall", labels, predictions, classes)
    return _averaged("recall", counts, np.diagonal(counts), counts.sum(axis=1), average)


def f1(labels: Any, predictions: Any, average: str | None = None, classes: int | None = None) -> Any:
    """The harmonic mean of precision and recall; `average` as in `precision`. A class that does not occur has 0.

    >>> f1([0, 0, 1], [0, 1, 1]).round(4)
    array([0.6667, 0.6667])
    """
    counts = _confusion("f1", labels, predictions, classes)
    return _averaged("f1", counts, 2 * np.diagonal(counts), counts.sum(axis=0) + counts.sum(axis=1), average)


def _examples(what: str, predictions: Any, targets: Any) -> tuple[Any, Any]:
    predictions, targets = pair(what, predictions, targets)
    _not_empty(what, targets)
    return predictions, targets


def _share(hits: Any) -> float:
    """The share of True: a number of Python's, or what stands for one in a program that is recorded."""
    share = np.mean(hits)
    return cast(float, share) if isinstance(share, Traced) else float(share)


def _not_empty(what: str, labels: Any) -> None:
    if not np.size(labels):
        raise ArgumentError(f"{what}: there are no examples to measure{user_line()}")


def _wanted(what: str, logits: Any, labels: Any) -> Any:
    """The labels as integers, one a row of logits."""
    if np.ndim(logits) < 2:
        raise ShapeError(f"{what}: logits have shape {np.shape(logits)}, expected (n, classes), one number a class")
    wanted = class_labels(what, logits, labels)
    _not_empty(what, wanted)
    return wanted


def _confusion(what: str, labels: Any, predictions: Any, classes: int | None) -> NDArray[np.int64]:
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    same_shape(what, labels, predictions, ("labels", "predictions"))
    _not_empty(what, labels)
    for name, x in (("labels", labels), ("predictions", predictions)):
        if x.dtype.kind not in "iub":
            raise DtypeError(f"{what}: {name} must be integers, one class each, got {x.dtype}{user_line()}")
    if classes is None:
        classes = 1 + max(int(labels.max()), int(predictions.max()))
    for name, x in (("labels", labels), ("predictions", predictions)):
        demand(what, name, x, lambda known: (known >= 0) & (known < classes), f"lie in 0 to {classes - 1}")
    cells = classes * labels.ravel().astype(np.int64) + predictions.ravel().astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def _averaged(what: str, counts: Any, hits: Any, all_of_them: Any, average: str | None) -> Any:
    """hits / all_of_them, 0 where there are none, as an array or by one of the averages."""
    if average not in (None, "macro", "micro", "weighted"):
        raise ArgumentError(f'{what}: average={average!r}, expected None, "macro", "micro" or "weighted"{user_line()}')
    if average == "micro":
        return float(hits.sum() / all_of_them.sum())
    shares = np.divide(hits, all_of_them, out=np.zeros(len(counts)), where=all_of_them > 0)
    if average is None:
        return shares
    examples = counts.sum(axis=1)
    occur = examples + counts.sum(axis=0) > 0
    return float(np.average(shares, weights=examples if average == "weighted" else occur))
