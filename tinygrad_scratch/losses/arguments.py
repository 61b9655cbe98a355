"""What losses do with their arguments: arrays are made of lists, integers lifted, shapes and values checked.

`what` is the name of the loss, for the sentence of an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, ShapeError, user_line
from ..core.trace import Traced
from ..ops.index import from_front
from ..ops.values import bare


def arrays(*xs: Any) -> list[Any]:
    """Lists and numbers as arrays."""
    return [x if hasattr(x, "dtype") else np.asarray(x) for x in xs]


def floats(what: str, x: Any, dtype: Any = float) -> Any:
    """`x` as floats: integers and booleans in `dtype`, floats as they are. Raises DtypeError for all else."""
    (x,) = arrays(x)
    if x.dtype.kind == "f":
        return x
    if x.dtype.kind not in "iub":
        raise DtypeError(f"{what}: got an array of {x.dtype}, expected real numbers{user_line()}")
    return x.astype(dtype)


def pair(what: str, predictions: Any, targets: Any) -> tuple[Any, Any]:
    """Both as floats, of one shape; integer targets in the dtype of the predictions, so that float32 stays float32."""
    predictions = floats(what, predictions)
    targets = floats(what, targets, predictions.dtype)
    same_shape(what, predictions, targets)
    return predictions, targets


def same_shape(what: str, x: Any, y: Any, names: tuple[str, str] = ("predictions", "targets")) -> None:
    """Raise ShapeError unless both arrays have one shape."""
    if x.shape != y.shape:
        raise ShapeError(
            f"{what}: {names[0]} have shape {x.shape} and {names[1]} {y.shape}; "
            f"they must be the same, nothing is broadcast{user_line()}"
        )


def vectors(what: str, x: Any) -> None:
    """Raise ShapeError unless there is a last axis, with something on it."""
    if not x.shape or not x.shape[-1]:
        raise ShapeError(f"{what}: predictions have shape {x.shape}, expected (..., size) with size > 0{user_line()}")


def demand(what: str, name: str, x: Any, holds: Callable[[Any], Any], wanted: str) -> None:
    """Raise ArgumentError, with the first wrong value, unless `holds` of every value of `x`. NaN holds nowhere."""
    known = bare(x)
    right = holds(known)
    if not np.all(right):
        wrong = known[np.logical_not(right)].flat[0]
        raise ArgumentError(f"{what}: {name} must {wanted}, got {wrong}{user_line()}")


def demand_number(what: str, name: str, x: Any, holds: Callable[[Any], Any], wanted: str) -> None:
    """`demand` of an option that is one number."""
    if np.shape(x):
        raise ShapeError(f"{what}: {name} must be one number, got an array of shape {np.shape(x)}{user_line()}")
    demand(what, name, x, holds, wanted)


def demand_probabilities(what: str, name: str, x: Any) -> None:
    """Raise ArgumentError unless all values are in [0, 1], up to the rounding of a softmax."""
    high = 1 + 8 * float(np.finfo(x.dtype).eps)
    demand(what, name, x, lambda known: (known >= 0) & (known <= high), "lie in [0, 1]")


def smoothed(what: str, labels: Any, label_smoothing: Any, classes: int) -> Any:
    """Labels mixed with the uniform distribution: (1 - s) y + s / classes (Szegedy et al., CVPR 2016)."""
    demand_number(what, "label_smoothing", label_smoothing, lambda s: (s >= 0) & (s < 1), "lie in [0, 1)")
    return labels if is_zero(label_smoothing) else (1 - label_smoothing) * labels + label_smoothing / classes


def weights_of(what: str, class_weights: Any, classes: int, dtype: Any) -> Any:
    """One weight a class, in `dtype`."""
    weights = floats(what, class_weights).astype(dtype)
    if weights.shape != (classes,):
        raise ShapeError(f"{what}: class_weights have shape {weights.shape}, expected ({classes},){user_line()}")
    demand(what, "class_weights", weights, lambda w: w >= 0, "not be negative")
    return weights


def is_zero(option: Any) -> bool:
    """Whether an option is surely 0, not a Tensor that happens to be."""
    return not isinstance(option, Traced) and bool(option == 0)


def log(x: Any) -> Any:
    """log x, and of a zero the logarithm of the smallest normal number of the dtype, with the derivative 0."""
    tiny = float(np.finfo(x.dtype).tiny)
    return np.log(np.where(np.less(x, tiny), tiny, x))


def over_rest(reduce: Any, x: Any) -> Any:
    """One value an example: `reduce` over all axes but the first."""
    return reduce(x, axis=tuple(range(1, np.ndim(x)))) if np.ndim(x) > 1 else x


def class_labels(what: str, logits: Any, labels: Any) -> Any:
    """Integer labels for `logits` (..., classes) from integers (...) or one-hot rows (..., classes), checked."""
    logits, labels = arrays(logits, labels)
    if logits.ndim < 1:
        raise ShapeError(f"{what}: logits need an axis of classes, got shape ()")
    if labels.ndim == logits.ndim:  # one-hot
        same_shape(what, logits, labels)
        return np.argmax(labels, axis=-1)
    classes = logits.shape[-1]
    if labels.shape != logits.shape[:-1]:
        raise ShapeError(
            f"{what}: labels have shape {labels.shape}, expected {logits.shape[:-1]} (integers) or {logits.shape} "
            f"(one-hot) for logits of shape {logits.shape}{user_line()}"
        )
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"{what}: labels without an axis of classes must be integers, got {labels.dtype}{user_line()}")
    known = bare(labels)
    if known.size and known.astype(np.uint64).max() >= classes:  # a negative label becomes a huge one
        wrong = known[(known < 0) | (known >= classes)]
        raise ArgumentError(f"{what}: label {wrong.flat[0]} is out of range, expected 0 to {classes - 1}{user_line()}")
    return from_front(labels, classes)
