"""What the pictures ask of their data; what does not fit is a sentence, not a traceback from inside matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, DataError, DtypeError, ShapeError
from ..losses.arguments import class_labels


def numbers(operation: str, name: str, value: Any, *shapes: str) -> NDArray[Any]:
    """`value` as an array of finite real numbers that has one of the `shapes`, such as "(n, 2)", and is not empty.

    >>> numbers("surface", "x", [[1, 2]], "(n, 2)")
    array([[1, 2]])
    >>> numbers("surface", "x", [[1, 2]], "(n,)", "(n, 3)")
    Traceback (most recent call last):
    tinygrad_scratch.core.errors.ShapeError: surface: x has shape (1, 2), expected (n,) or (n, 3); reshape it
    """
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of several lengths
        raise ShapeError(f"{operation}: {name} is no array ({error}), expected {' or '.join(shapes)}") from error
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{operation}: {name} has dtype {array.dtype}, expected real numbers; convert it")
    if not any(_fits(array.shape, shape) for shape in shapes):
        raise ShapeError(f"{operation}: {name} has shape {array.shape}, expected {' or '.join(shapes)}; reshape it")
    if not array.size:
        raise DataError(
            f"{operation}: {name} is empty, of shape {array.shape}, expected data; there is nothing to draw"
        )
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise DataError(
            f"{operation}: {name} has {array[place]} at {list(place)}, expected finite numbers; "
            "draw what came before it, or find its origin with tg.debug_nans()"
        )
    return array


def _fits(shape: tuple[int, ...], pattern: str) -> bool:
    wanted = [part.strip() for part in pattern.strip("()").split(",") if part.strip()]
    return len(shape) == len(wanted) and all(not w.isdigit() or int(w) == n for n, w in zip(shape, wanted, strict=True))


def distributions(operation: str, name: str, value: Any, *shapes: str) -> NDArray[Any]:
    """`value` as by `numbers`, whose last axis holds probabilities that sum to 1."""
    array = numbers(operation, name, value, *shapes)
    sums = array.sum(axis=-1)
    if array.min() < 0 or np.abs(sums - 1).max() > 1e-2:
        raise DataError(
            f"{operation}: {name} holds no probabilities: it goes from {array.min():.4g} to {array.max():.4g} and one "
            f"row sums to {sums.flat[np.abs(sums - 1).argmax()]:.4g}, expected 1; tg.nn.softmax makes them from logits"
        )
    return array


def which_class(operation: str, y: Any, count: int, classes: int) -> NDArray[np.int64]:
    """The class of each of `count` examples, as an integer; y holds these, in any dtype, or one-hot rows."""
    array = numbers(operation, "y", y, "(n,)", "(n, 1)", f"(n, {classes})")
    if array.shape == (count, 1):
        array = array[:, 0]
    whole = array.astype(np.int64)
    if not np.array_equal(whole, array):
        raise DataError(f"{operation}: y has numbers such as {array[whole != array][0]}, expected 0 to {classes - 1}")
    return np.asarray(class_labels(operation, np.broadcast_to(0.0, (count, classes)), whole))


def class_names(operation: str, names: Sequence[str] | None, classes: int) -> list[str]:
    """One name a class; its number where none are given."""
    if names is None:
        return [str(k) for k in range(classes)]
    if len(names) != classes:
        raise ArgumentError(f"{operation}: got {len(names)} names, expected {classes}, one a class; give them all")
    return [str(name) for name in names]
