"""Batches of arrays that belong together, and the checks of arguments that this package shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.errors import ArgumentError, ShapeError
from ..random import permutation


def batches(
    arrays: Sequence[ArrayLike], size: int, key: Any = None, drop_last: bool = False
) -> Iterator[tuple[NDArray[Any], ...]]:
    """Iterate over `arrays`, such as `(x, y)`, in batches of `size` along their first axis.

    Yields a tuple with one array of shape (size, ...) for each of `arrays`, of its dtype. The last batch is shorter
    if the length is no multiple of `size`, or is left out with `drop_last`. With a `key` of `tg.random` the order is a
    random permutation, the same for the same key: give each epoch its own, `tg.random.fold_in(key, epoch)`. Batches
    are copies then; in the given order they are views of `arrays`.

    Raises ArgumentError for `size` below 1, a bad `key`, or `arrays` that is no tuple; ShapeError if lengths differ.

    >>> x, y = np.arange(5), np.array(list("abcde"))
    >>> for x_batch, y_batch in batches((x, y), size=2):
    ...     print(x_batch, y_batch)
    [0 1] ['a' 'b']
    [2 3] ['c' 'd']
    [4] ['e']
    """
    check_count("batches", "size", size)
    if not isinstance(arrays, (tuple, list)) or not arrays:
        got = "an empty tuple" if isinstance(arrays, (tuple, list)) else f"of type {type(arrays).__name__}"
        raise ArgumentError(f"batches: arrays is {got}, expected a tuple of arrays; write (x,) or (x, y)")
    columns = [np.asarray(array) for array in arrays]
    shapes = [column.shape for column in columns]
    if () in shapes:
        raise ShapeError(f"batches: arrays has the shapes {shapes}, expected an axis in each; for one array write (x,)")
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        raise ShapeError(f"batches: arrays has the lengths {lengths}, expected one length; cut them to the same")
    order = None if key is None else permutation(key, lengths[0])
    starts = range(0, num_batches(lengths[0], size, drop_last) * size, size)
    picks = (slice(i, i + size) if order is None else order[i : i + size] for i in starts)
    return (tuple([column[pick] for column in columns]) for pick in picks)


def num_batches(n: int, size: int, drop_last: bool = False) -> int:
    """How many batches of `size` there are in `n` samples. Raises ArgumentError for `n` below 0 or `size` below 1.

    >>> num_batches(5, 2), num_batches(5, 2, drop_last=True)
    (3, 2)
    """
    check_count("num_batches", "n", n, least=0)
    check_count("num_batches", "size", size)
    return n // size if drop_last else -(-n // size)


def check_count(operation: str, name: str, value: object, least: int = 1) -> None:
    """Raise ArgumentError unless `value` is an integer from `least` up.

    >>> check_count("batches", "size", 32)
    """
    if not isinstance(value, (int, np.integer)) or value < least:
        raise ArgumentError(f"{operation}: {name}={value!r}, expected an integer of at least {least}; give another")


def generator(operation: str, seed: int | Sequence[int]) -> np.random.Generator:
    """NumPy's random generator for `seed`. Raises ArgumentError unless it is an integer from 0 up, or a tuple of them.

    >>> int(generator("batches", 0).integers(10))
    8
    """
    for part in seed if isinstance(seed, (tuple, list)) else (seed,):
        check_count(operation, "seed", part, least=0)
    return np.random.default_rng(seed)
