"""Functions of a vector or of axes, applied along the axes of an array."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import ShapeError, user_line
from ..core.primitive import implements
from .arguments import as_array, one_axis


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy's `apply_along_axis`: the axes of what `func1d` answers stand in place of `axis`."""
    arr = as_array(arr)
    axis = one_axis(axis, arr.ndim)
    vectors = np.moveaxis(arr, axis, -1)
    others = vectors.shape[:-1]
    if 0 in others:
        raise ShapeError(f"apply_along_axis: no vector along axis {axis} of an array of shape {arr.shape}{user_line()}")
    rows = vectors.reshape(math.prod(others), arr.shape[axis])
    made = np.stack([as_array(func1d(row, *args, **kwargs)) for row in rows])
    whole = made.reshape(*others, *made.shape[1:])
    new = range(made.ndim - 1)
    return np.moveaxis(whole, [len(others) + i for i in new], [axis + i for i in new])


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """NumPy's `apply_over_axes`: `func(a, axis)` for one axis after the other; an axis that it drops is put back."""
    a = as_array(a)
    for axis in np.atleast_1d(axes).tolist():
        made = as_array(func(a, one_axis(axis, a.ndim)))
        if made.ndim != a.ndim:
            made = np.expand_dims(made, one_axis(axis, a.ndim))
        if made.ndim != a.ndim:
            raise ShapeError(
                f"apply_over_axes: the function made an array of {made.ndim} axes of one of {a.ndim}{user_line()}"
            )
        a = made
    return a
