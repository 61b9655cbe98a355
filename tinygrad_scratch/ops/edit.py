"""Parts put in, left out, repeated. NumPy is asked what the edit does to the positions 0, 1, ... of an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import implements
from .arguments import as_array, flat_unless
from .values import known


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """NumPy's `delete`."""
    arr, axis = flat_unless(as_array(arr), axis)
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), known(obj, "delete")), axis)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """NumPy's `insert`: `values`, in the dtype of `arr`, before the positions `obj`."""
    arr, axis = flat_unless(as_array(arr), axis)
    obj = known(obj, "insert")
    n = arr.shape[axis]
    values = as_array(values).astype(arr.dtype)
    values = values.reshape((1,) * (arr.ndim - values.ndim) + values.shape)
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        values = np.moveaxis(values, 0, axis)  # as in arr[:, 1] = values
    places = np.insert(np.arange(n), obj, n + np.arange(values.shape[axis]))  # NumPy's own check of how many fit
    count = len(places) - n
    places = np.insert(np.arange(n), obj, n + np.arange(count))
    new = np.broadcast_to(values, (*arr.shape[:axis], count, *arr.shape[axis + 1 :]))
    return np.take(np.concatenate([arr, new], axis), places, axis)


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """NumPy's `repeat`: each element `repeats` times, or its own number of times."""
    a, axis = flat_unless(as_array(a), axis)
    repeats = np.asarray(known(repeats, "repeat"))
    n = a.shape[axis]
    if repeats.size != 1 or repeats.dtype.kind not in "iu" or repeats < 0:
        return np.take(a, np.repeat(np.arange(n), repeats), axis)
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    spread = np.broadcast_to(a.reshape(*before, n, 1, *after), (*before, n, repeats.item(), *after))
    return spread.reshape(*before, n * repeats.item(), *after)


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """NumPy's `tile`: `A` laid side by side `reps` times along each axis."""
    A = as_array(A)
    reps = tuple(int(n) for n in reps) if np.ndim(reps) else (int(reps),)
    rank = max(A.ndim, len(reps))
    shape, reps = (1,) * (rank - A.ndim) + A.shape, (1,) * (rank - len(reps)) + reps
    paired = [n for pair in zip(reps, shape, strict=True) for n in pair]
    alone = [n for length in shape for n in (1, length)]
    return np.broadcast_to(A.reshape(alone), paired).reshape([k * n for k, n in zip(reps, shape, strict=True)])


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """NumPy's `resize`: the elements in order, again from the first one where they do not suffice."""
    a = as_array(a)
    places = np.resize(np.arange(a.size), new_shape)
    return np.take(a, places) if a.size else np.zeros(places.shape, a.dtype)
